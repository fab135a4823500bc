#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

import rnn.data.composer;
import rnn.data.melody;
import rnn.formats.abc;
import rnn.formats.safetensors;
import rnn.linalg.matrix;

using namespace rnn;
using namespace rnn::testing;

namespace {

const Chapter melody("MELODY");

/// A short training that learns something nevertheless.
const Arguments small = {"--data",      "composed", "--tunes",     "60",  "--epochs", "3",  "--hidden",  "24",
                         "--embedding", "8",        "--keep-prob", "0.9", "--batch",  "12", "--threads", "1"};

Arguments with(const Arguments& more, Arguments all = small) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// What a run prints, without the seconds that it took.
std::string without_seconds(const std::string& out) {
  std::istringstream lines(out);
  std::string all;
  for (std::string line; std::getline(lines, line);) all += line.substr(0, line.find(" seconds:")) + "\n";
  return all;
}

double number(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\":");
  BOOST_TEST_REQUIRE(at != std::string::npos, key << " in " << json);
  return std::stod(json.substr(at + key.size() + 3));
}

/// A folder with a network that was trained for all tests.
struct Trained {
  Folder folder;
  std::string weights = folder / "w.safetensors", out;
  Trained() { out = melody.output(with({"--quiet", "--save", weights})); }
};
const Trained& trained() {
  static const Trained one;
  return one;
}

Arguments generate(const Arguments& more) { return with(more, {"generate", "--init", trained().weights, "--quiet"}); }

}  // namespace

BOOST_AUTO_TEST_CASE(training_prints_each_epoch_and_at_the_end_every_model) {
  const std::string& out = trained().out;
  for (const char* line : {"0 train_bits: ", "2 train_bits: ", " validation_bits: ", "\nunigram ", "\nbigram ",
                           "\ntrigram ", "\nnetwork ", "\ncomposer ", "test: 6 tunes, "}) {
    BOOST_TEST(Chapter::contains(out, line), line << " in " << out);
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_run_for_any_number_of_threads) {
  const Folder folder;
  for (const char* threads : {"2", "3"}) {
    Arguments arguments = with({"--quiet", "--save", folder / "w"});
    *(std::ranges::find(arguments, "--threads") + 1) = threads;
    BOOST_TEST(without_seconds(melody.output(arguments)) == without_seconds(trained().out));
    BOOST_TEST((folder.read("w") == trained().folder.read("w.safetensors")), threads << " threads");
  }
  BOOST_TEST(without_seconds(melody.output(with({"--quiet", "--seed", "2"}))) != without_seconds(trained().out));
}

BOOST_AUTO_TEST_CASE(resumed_it_ends_with_the_same_weights) {
  const Folder folder;
  Arguments begun = with({"--quiet", "--checkpoint", folder / "c"});
  *(std::ranges::find(begun, "--epochs") + 1) = "1";
  melody.output(begun);
  const std::string rest_of_it =
      melody.output({"--resume", folder / "c", "--epochs", "3", "--quiet", "--threads", "2", "--save", folder / "w"});
  BOOST_TEST(!Chapter::contains(rest_of_it, "0 train_bits"));
  BOOST_TEST((folder.read("w") == trained().folder.read("w.safetensors")));
}

BOOST_AUTO_TEST_CASE(it_stops_early_and_saves_the_best) {
  const Folder folder;
  // With so high a learning rate it gets worse soon.
  const Arguments arguments =
      with({"--quiet", "--patience", "2", "--learning-rate", "0.3", "--csv", folder / "t.csv", "--save", folder / "w"});
  Arguments longer = arguments;
  *(std::ranges::find(longer, "--epochs") + 1) = "30";
  melody.output(longer);
  std::istringstream table(folder.read("t.csv"));
  std::vector<double> validation;
  std::string line;
  std::getline(table, line);
  BOOST_TEST(line == "epoch,step,loss,mean_loss,train_bits,validation_bits");
  while (std::getline(table, line)) {
    const std::string last = line.substr(line.rfind(',') + 1);
    if (!last.empty()) validation.push_back(std::stod(last));
  }
  BOOST_TEST_REQUIRE(validation.size() < 30u);
  const std::ptrdiff_t since_best = validation.end() - std::ranges::min_element(validation) - 1;
  BOOST_TEST(since_best == 2);
}

BOOST_AUTO_TEST_CASE(evaluate_says_how_surprising_the_test_tunes_are) {
  const Arguments arguments = {"evaluate", "--init", trained().weights, "--data", "composed", "--tunes", "60"};
  const std::string json = melody.json(arguments);
  BOOST_TEST(std::abs(std::log2(number(json, "perplexity")) - number(json, "bits_per_note")) < 1e-9);
  BOOST_TEST(std::abs(number(json, "pitch_bits") + number(json, "duration_bits") - number(json, "bits_per_note")) <
             1e-9);
  BOOST_TEST(number(json, "bigram") < number(json, "unigram"));
  BOOST_TEST(number(json, "entropy") < number(json, "bits_per_note"));  // nobody does better than the composer
  BOOST_TEST(number(json, "entropy") < std::log2(number(json, "trigram")));
  BOOST_TEST(number(json, "tunes") == 6);
  const Result table = melody.run(arguments);
  BOOST_TEST(table.status == 0);
  BOOST_TEST(Chapter::contains(trained().out, table.out.substr(0, table.out.size() - 1)));
}

BOOST_AUTO_TEST_CASE(look_says_what_predictions_depend_on_and_what_neurons_count) {
  const Folder folder;
  const std::string out =
      melody.output({"look", "--init", trained().weights, "--data", "composed", "--tunes", "60", "--tune", "2",
                     "--influence", folder / "i.csv", "--neurons", folder / "n.csv"});
  BOOST_TEST(out.starts_with("test tune 2: "));
  BOOST_TEST(Chapter::contains(out, "\n   1 "));
  BOOST_TEST(Chapter::contains(out, "% of its variance is explained by the place in the bar\n"));
  BOOST_TEST(folder.read("i.csv").starts_with("event,pitch,duration,position,ago_1,"));
  const auto rows = rows_of(folder.read("n.csv"));
  BOOST_TEST_REQUIRE(rows.size() > 8u);
  double events = 0;
  for (const std::vector<double>& row : rows) {
    BOOST_TEST(row[0] < 4);
    BOOST_TEST(std::abs(row[4]) <= 1);
    BOOST_TEST(row[2] >= row[1]);
    events += row[3];
  }
  BOOST_TEST(Chapter::contains(out, ", " + std::to_string(int(events)) + " events\n"), out);
  const Result none =
      melody.run({"look", "--init", trained().weights, "--data", "composed", "--tunes", "60", "--tune", "6"});
  BOOST_TEST(none.status == 2);
  BOOST_TEST(none.err == "08_melody look: --tune: expected less than the 6 test tunes, got 6\n");
}

BOOST_AUTO_TEST_CASE(generated_tunes_are_abc_whose_bars_add_up) {
  for (int seed = 1; seed <= 20; ++seed) {
    for (const char* meter : {"4/4", "6/8"}) {
      const std::string abc = melody.output(
          generate({"--seed", std::to_string(seed), "--meter", meter, "--bars", "8", "--temperature", "1"}));
      const AbcTunes read = parse_abc(abc, "F", Bars::must_add_up);
      BOOST_TEST_REQUIRE(read.refused.empty(), abc);
      BOOST_TEST_REQUIRE(read.tunes.size() == 1u);
      const Melody& tune = read.tunes[0];
      BOOST_TEST(length_of(tune) % tune.meter.bar() == 0u);
      BOOST_TEST(length_of(tune) <= 8u * tune.meter.bar());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_makes_the_same_tune_and_another_another) {
  const std::string one = melody.output(generate({"--seed", "5"}));
  BOOST_TEST(melody.output(generate({"--seed", "5"})) == one);
  BOOST_TEST(melody.output(generate({"--seed", "6"})) != one);
  // Among one there is no choice.
  BOOST_TEST(melody.output(generate({"--seed", "5", "--top", "1"})) ==
             melody.output(generate({"--seed", "6", "--top", "1"})));
}

BOOST_AUTO_TEST_CASE(a_tune_begins_as_one_says) {
  const std::string abc = melody.output(generate({"--start", "C4:1 E4:1/2 G4:1/2 C4:2"}));
  BOOST_TEST(Chapter::contains(abc, "\nC2 E G C4 |"), abc);
}

BOOST_AUTO_TEST_CASE(a_tune_begins_as_a_test_tune_does) {
  const Folder folder;
  std::string tunes;  // every tenth, from the first, is a test tune; the second of them begins with a quarter note
  for (int i = 0; i < 20; ++i)
    tunes += "X:1\nT:A\nM:3/4\nL:1/4\nK:C\n" + std::string(i == 10 ? "C|GEC|E2G|" : "CDE|") + "\n\n";
  const std::string data = folder.file("tunes.abc", tunes);
  const Result given = melody.run(generate({"--data", data, "--tune", "1", "--given", "3", "--bars", "3"}));
  BOOST_TEST(Chapter::contains(given.out, "\nM:3/4\n"), given.out);
  BOOST_TEST(Chapter::contains(given.out, "G2 E2 C2 | E4 G2 |"), given.out + given.err);
  const Result none = melody.run(generate({"--data", data, "--tune", "2"}));
  BOOST_TEST(none.status == 2);
  BOOST_TEST(none.err == "08_melody generate: --tune: expected less than the 2 test tunes, got 2\n");
}

BOOST_AUTO_TEST_CASE(it_shows_what_was_likely_and_what_was_picked) {
  const Result run = melody.run({"generate", "--init", trained().weights, "--bars", "2"});
  BOOST_TEST(run.status == 0);
  BOOST_TEST(run.err.starts_with("bar 1.00\n"));
  BOOST_TEST(Chapter::contains(run.err, " → "));
  BOOST_TEST(Chapter::contains(run.err, "%  "));
  BOOST_TEST(run.out == melody.output(generate({"--bars", "2"})));
}

BOOST_AUTO_TEST_CASE(files_of_every_kind_are_written) {
  const Folder folder;
  melody.output(
      generate({"--midi", folder / "t.mid", "--wav", folder / "t.wav", "--svg", folder / "t.svg", "--bars", "2"}));
  BOOST_TEST(folder.read("t.mid").starts_with("MThd"));
  BOOST_TEST(folder.read("t.wav").starts_with("RIFF"));
  BOOST_TEST(folder.read("t.svg").starts_with("<svg "));
}

BOOST_AUTO_TEST_CASE(staves_are_drawn_where_there_is_a_program_for_it) {
  const Folder folder;
  const auto install = [&](const std::string& script) {
    std::filesystem::permissions(folder.file("abcm2ps", "#!/bin/sh\n" + script + "\n"), std::filesystem::perms::all);
  };
  Settings settings;
  settings.environment["PATH"] = folder / "" + std::string(":/usr/bin:/bin");
  const Arguments arguments = generate({"--staves", folder / "s.svg", "--bars", "1", "--start", "C4:4"});
  install("echo '<svg>'; echo '<!-- CreationDate: now -->'; grep ^C8; exec echo '</svg>'");
  melody.output(arguments, 0, settings);
  BOOST_TEST(folder.read("s.svg") == "<svg>\nC8 |]\n</svg>\n");
  install("exit 3");
  const Result failed = melody.run(arguments, settings);
  BOOST_TEST(failed.status == 2);
  BOOST_TEST(failed.err == "08_melody generate: " + folder / "s.svg" + ": cannot be drawn: abcm2ps failed\n");
  settings.environment["PATH"] = "/nowhere";
  const Result none = melody.run(arguments, settings);
  BOOST_TEST(none.status == 0);
  BOOST_TEST(none.err == "--staves: found no abcm2ps to draw them; --svg FILE.svg draws a piano roll\n");
}

BOOST_AUTO_TEST_CASE(without_a_player_a_line_says_so) {
  Settings settings;
  settings.environment["PATH"] = "/nowhere";
  const Result run = melody.run(generate({"--play", "--bars", "1"}), settings);
  BOOST_TEST(run.status == 0);
  BOOST_TEST(run.err == "--play: found none of aplay, paplay, ffplay and afplay; --wav FILE writes the sound\n");
}

BOOST_AUTO_TEST_CASE(a_person_picks_the_next_note) {
  const Folder folder;
  Settings settings;
  settings.stdin_from = folder.file("answers", "1\n\nC4:1\nnonsense\n2\nq\n");
  const Result run = melody.run({"next", "--init", trained().weights}, settings);
  BOOST_TEST(run.status == 0);
  BOOST_TEST(Chapter::contains(run.err, "  1 "));
  BOOST_TEST(Chapter::contains(run.err, "Enter for chance"));
  BOOST_TEST(Chapter::contains(run.err, "expected a pitch and a duration, such as C4:1, got \"nonsense\""));
  const AbcTunes read = parse_abc(run.out, "F");
  BOOST_TEST_REQUIRE(read.tunes.size() == 1u, run.out);
  BOOST_TEST(read.tunes[0].events.size() >= 4u);
  BOOST_TEST(read.tunes[0].events[2].pitch == 60);
}

BOOST_AUTO_TEST_CASE(a_tune_of_no_notes_is_not_written) {
  // Nothing is as likely as the end to this network, whatever it has heard.
  const Folder folder;
  TensorFile file = read_safetensors(trained().weights);
  for (Tensor& tensor : file.tensors) {
    std::ranges::fill(tensor.bytes, '\0');
    if (tensor.name != "b_pitch") continue;
    std::vector<Real> bias(tensor.shape[0], 0);
    bias[0] = 10;
    tensor = to_tensor("b_pitch", bias, tensor.shape);
  }
  write_safetensors(folder / "end", file);
  const std::string abc = melody.output({"generate", "--init", folder / "end", "--quiet"});
  BOOST_TEST_REQUIRE(parse_abc(abc, "F").tunes.size() == 1u, abc);
  const Result none = melody.run({"next", "--init", folder / "end", "--midi", folder / "none.mid"});
  BOOST_TEST(none.status == 0);
  BOOST_TEST(none.out == "");
  BOOST_TEST(none.err.ends_with("q to end: no note was taken: there is no tune to write\n"), none.err);
}

BOOST_AUTO_TEST_CASE(tunes_of_ones_own_are_read) {
  const Folder folder;
  std::string text;
  for (std::size_t i = 0; i < 30; ++i) text += format_abc(compose(4, i).melody, i + 1) + "\n";
  const std::string file = folder.file("mine.abc", text + "X:31\nT:bad\nK:C\nc # d\n");
  const std::string line = std::to_string(std::ranges::count(text, '\n') + 4);
  Arguments arguments = with({});
  arguments[1] = file;
  *(std::ranges::find(arguments, "--epochs") + 1) = "1";
  const Result run = melody.run(arguments);
  BOOST_TEST(run.status == 0);
  BOOST_TEST(
      Chapter::contains(run.err, file + ": line " + line + ", tune 31: expected a note or a bar line, found \"#\"\n"),
      run.err);
  BOOST_TEST(
      Chapter::contains(run.err, "30 tunes of " + file + ": 24 for training, 3 for validation, 3 for testing\n"));
  BOOST_TEST(!Chapter::contains(run.out, "composer"));  // nobody knows the entropy of such tunes
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_in_one_line) {
  const Folder folder;
  const auto refuses = [](const Arguments& arguments, const std::string& name, const std::string& what) {
    const Result run = melody.run(arguments);
    BOOST_TEST(run.status == 2);
    BOOST_TEST(run.out == "");
    BOOST_TEST(run.err == name + ": " + what + "\n");
  };
  const std::string few = folder.file("few.abc", "X:1\nK:C\ncde\n");
  refuses({"--data", few}, "08_melody", few + ": expected at least 10 tunes, found 1");
  refuses({"--data", folder / "none"}, "08_melody",
          folder / "none" + std::string(": cannot be opened: No such file or directory"));
  std::string tunes;
  for (std::size_t i = 0; i < 12; ++i) tunes += format_abc(compose(4, i).melody, i + 1) + "\n";
  folder.file("mine.abc", tunes);
  refuses({"--data", folder / "", "--quiet", "--csv", folder / "mine.abc"}, "08_melody",
          "--csv: expected a file of its own, got " + folder / "mine.abc" + ", which is read");
  BOOST_TEST(folder.read("mine.abc") == tunes);
  refuses({"--cell", "brain"}, "08_melody", "--cell: expected rnn or gru or lstm, got \"brain\"");
  refuses(generate({"--start", "C9:1"}), "08_melody generate", "--start: no tune of the training has the pitch C9");
  refuses(generate({"--start", "C4"}), "08_melody generate",
          "--start: expected a pitch and a duration, such as C4:1, got \"C4\"");
  refuses(generate({"--temperature", "0"}), "08_melody generate",
          "--temperature: expected a number above 0 and at most 100, got \"0\"");
}

BOOST_AUTO_TEST_CASE(a_model_that_counts_makes_tunes_of_what_it_has_counted) {
  // Ten tunes that are all the same: the trigram model knows only that tune. The bigram model confuses two Cs.
  const Folder folder;
  std::string tunes;
  for (int i = 1; i <= 10; ++i) tunes += "X:" + std::to_string(i) + "\nM:4/4\nL:1/4\nK:C\nC D E F|C G A B|]\n\n";
  const std::string file = folder.file("same.abc", tunes);
  const auto made = [&](const Arguments& more) {
    return melody.output(with(more, {"generate", "--data", file, "--quiet", "--temperature", "0.01"}));
  };
  const std::string by_three = made({"--ngram", "3"});
  BOOST_TEST(Chapter::contains(by_three, "\nC2 D2 E2 F2 | C2 G2 A2 B2 |]\n"), by_three);
  const std::string by_seed = melody.output({"generate", "--data", file, "--quiet", "--ngram", "2", "--seed", "3"});
  BOOST_TEST(melody.output({"generate", "--data", file, "--quiet", "--ngram", "2", "--seed", "3"}) == by_seed);
  const std::string begun = made({"--ngram", "3", "--start", "C4:1 G4:1"});
  BOOST_TEST(Chapter::contains(begun, "\nC2 G2 A2 B2 |]\n"), begun);
}

BOOST_AUTO_TEST_CASE(a_tune_is_made_by_a_network_or_by_a_model_that_counts) {
  const auto refuses = [](const Arguments& arguments, const std::string& what) {
    const Result run = melody.run(arguments);
    BOOST_TEST(run.status == 2);
    BOOST_TEST(run.err == "08_melody generate: " + what + "\n");
  };
  refuses({"generate"}, "expected --init FILE, weights saved by training, or --ngram N, got neither");
  refuses(generate({"--ngram", "2"}), "--init: cannot be given together with --ngram");
  refuses({"generate", "--ngram", "4"}, "--ngram: expected a whole number from 1 to 3, got \"4\"");
  refuses(generate({"--data", "composed"}), "--data: needs --tune or --ngram");
}

BOOST_AUTO_TEST_CASE(it_learns_from_chorales) {
  const Folder folder;
  std::string chorales;
  for (int i = 0; i < 20; ++i) {
    for (const int third : {4, 3}) {
      std::string steps;
      for (const int pitch : {60, 60 + third, 67, 60}) {
        for (int n = 0; n < 4; ++n) steps += (steps.empty() ? "[" : ",[") + std::to_string(pitch) + ",48]";
      }
      chorales += (chorales.empty() ? "[" : ",[") + steps + "]";
    }
  }
  const std::string file = folder.file("chorales.json", "{\"train\": [" + chorales + "]}");
  const Result run = melody.run({"--data", file, "--epochs", "2", "--hidden", "8", "--batch", "8"});
  BOOST_TEST(run.status == 0);
  BOOST_TEST(Chapter::contains(run.err, "40 tunes of " + file + ": 32 for training, 4 for validation, 4 for testing"),
             run.err);
  BOOST_TEST(Chapter::contains(run.out, "test: 4 tunes, 20 events"), run.out);  // four notes each, and the end
  const std::string bad = folder.file("bad.json", "{\"train\": [[[200]]]}");
  const Result refused = melody.run({"--data", bad});
  BOOST_TEST(refused.status == 2);
  BOOST_TEST(refused.err == "08_melody: " + bad +
                                ": \"train\", chorale 1, step 1: expected a pitch from 0 to 127, or -1, found the "
                                "number 200\n");
}

BOOST_AUTO_TEST_CASE(weights_of_another_kind_of_network_are_refused) {
  const Folder folder;
  TensorFile other;
  other.metadata["cell"] = "gru";
  write_safetensors(folder / "other", other);
  const Result run = melody.run({"generate", "--init", folder / "other"});
  BOOST_TEST(run.status == 2);
  BOOST_TEST(run.err ==
             "08_melody generate: " + (folder / "other") +
                 ": metadata: expected \"vocabulary\", as networks that predict notes have it, found none\n");
}
