#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "../support/abc.hpp"
#include "../support/chapter.hpp"

import rnn.base.error;
import rnn.data.composer;
import rnn.data.melody;
import rnn.formats.abc;

using namespace rnn;
using namespace rnn::testing;

BOOST_AUTO_TEST_CASE(letters_octaves_and_lengths) {
  BOOST_TEST(events(music("C c c' C, | B2 b/ b/2 z3/2")) == "C4:1 C5:1 C6:1 C3:1 B4:2 B5:1/2 B5:1/2 rest:3/2");
  BOOST_TEST(events(music("c// c/4 c3/4")) == "C5:1/4 C5:1/4 C5:3/4");
}

BOOST_AUTO_TEST_CASE(accidentals_hold_until_the_bar_line_in_their_octave) {
  BOOST_TEST(pitches(music("^F F f | F _B B =B B | ^^C __D")) == "F#4 F#4 F5 F4 Bb4 Bb4 B4 B4 D4 C4");
}

BOOST_AUTO_TEST_CASE(signatures_are_those_of_the_key_and_mode) {
  const auto with_key = [](const std::string& key) { return pitches(read("X:1\nL:1/4\nK:" + key + "\nFCGDAEB\n")); };
  const std::string none = "F4 C4 G4 D4 A4 E4 B4";
  BOOST_TEST(with_key("C") == none);
  for (const char* key : {"Am", "A minor", "Ddor", "D dorian", "G mix", "E phr", "F lydian", "Bloc", "none", ""})
    BOOST_TEST(with_key(key) == none);
  for (const char* key : {"D", "Bm", "A mix", "HP"}) BOOST_TEST(with_key(key) == "F#4 C#4 G4 D4 A4 E4 B4");
  for (const char* key : {"Bb", "Gm", "G minor", "C dorian"}) BOOST_TEST(with_key(key) == "F4 C4 G4 D4 A4 Eb4 Bb4");
  BOOST_TEST(with_key("D exp _b") == "F4 C4 G4 D4 A4 E4 Bb4");
  BOOST_TEST(with_key("D =c") == "F#4 C4 G4 D4 A4 E4 B4");
  BOOST_TEST((read("X:1\nK:F#m\nf\n").key == Key{3, true}));
  BOOST_TEST((read("X:1\nK:Ador\nf\n").key == Key{1, true}));
}

BOOST_AUTO_TEST_CASE(headers_say_what_they_say) {
  const Melody melody = read("X:7\nT:First\nT:Second\nC:Somebody\nM:6/8\nL:1/8\nQ:3/8=100\nK:G\nGAB\n");
  BOOST_TEST(melody.title == "First");
  BOOST_TEST((melody.meter == Meter{6, 8}));
  BOOST_TEST(melody.tempo == 150);
  BOOST_TEST((melody.key == Key{1, false}));
  BOOST_TEST((read("X:1\nM:C|\nK:C\nc\n").meter == Meter{2, 2}));
  BOOST_TEST((read("X:1\nM:(2+3)/8\nK:C\nc\n").meter == Meter{5, 8}));
  BOOST_TEST(events(read("X:1\nM:2/4\nK:C\nc\n")) == "C5:1/4");  // without L: sixteenths below 3/4 …
  BOOST_TEST(events(read("X:1\nM:6/8\nK:C\nc\n")) == "C5:1/2");  // … else eighths
  BOOST_TEST(read("X:1\nM:6/8\nQ:\"Lively\" 60\nK:C\nc\n").tempo == 90);
}

BOOST_AUTO_TEST_CASE(headers_may_change_within_the_tune) {
  BOOST_TEST(events(music("c [L:1/8] c [K:D] f |\nL:1/2\nc\nK:C\nf")) == "C5:1 C5:1/2 F#5:1/2 C#5:2 F5:2");
}

BOOST_AUTO_TEST_CASE(a_broken_rhythm_moves_time_between_two_notes) {
  BOOST_TEST(events(music("c>d e<f g>>a")) == "C5:3/2 D5:1/2 E5:1/2 F5:3/2 G5:7/4 A5:1/4");
}

BOOST_AUTO_TEST_CASE(tuplets_fit_their_time) {
  BOOST_TEST(events(music("(3cde (2cd (5cdefg (3:2:2c2d c")) ==
             "C5:2/3 D5:2/3 E5:2/3 C5:3/2 D5:3/2 C5:2/5 D5:2/5 E5:2/5 F5:2/5 G5:2/5 C5:4/3 D5:2/3 C5:1");
}

BOOST_AUTO_TEST_CASE(lengths_that_are_no_halves_of_halves_are_written_as_tuplets) {
  const auto written = [](const char* events) {
    Melody melody;
    melody.events = parse_events(events);
    set_positions(melody.events, melody.meter.bar());
    const std::string text = format_abc(melody);
    BOOST_TEST(rnn::testing::events(read(text)) == events);
    const std::string music = text.substr(text.find("K:C\n") + 4);
    return music.substr(0, music.find(" |"));
  };
  BOOST_TEST(written("C5:1/3 D5:1/3 E5:1/3 F5:1") == "(3c d e f2");
  BOOST_TEST(written("C5:1/3 D5:1/3 E5:1/3 F5:1/3 G5:1/3 A5:1/3") == "(3c d e (3f g a");
  BOOST_TEST(written("C5:2/3 D5:1/3 F5:1") == "(3:2:1c2 (3:2:1d f2");
  BOOST_TEST(written("C5:1/3 D5:1/3") == "(3:2:2c d");
  BOOST_TEST(written("C5:2/5 D5:2/5 E5:2/5 F5:2/5 G5:2/5") == "(5:4:5c d e f g");
  BOOST_TEST(written("C5:1/3 D5:1 E5:1/2") == "(3:2:1c d2 e");  // the rest of the tuplet is missing
  BOOST_TEST(written("C5:11/12 D5:1") == "(3:2:1c11/4 d2");
  BOOST_TEST(written("C5:1/15 D5:1") == "c2/15 d2");
}

BOOST_AUTO_TEST_CASE(an_accidental_is_written_for_readers_to_whom_it_counts_in_all_octaves) {
  Melody melody;
  melody.events = parse_events("F#4:1 F5:1 F#4:1 F#4:1 F#5:1 G4:1 F5:1");
  set_positions(melody.events, melody.meter.bar());
  const std::string text = format_abc(melody);
  BOOST_TEST(text.substr(text.find("K:C\n") + 4) == "^F2 =f2 ^F2 ^F2 | ^f2 G2 =f2 |]\n");
}

BOOST_AUTO_TEST_CASE(tied_notes_are_one_and_slurred_ones_are_not) {
  BOOST_TEST(events(music("c2-c | c-|c d- (e e)")) == "C5:3 C5:2 D5:1 E5:1 E5:1");
}

BOOST_AUTO_TEST_CASE(of_notes_that_sound_together_the_highest_is_the_melody) {
  BOOST_TEST(events(music("[CEG]2 [c2G2] [C-G-][CG]")) == "G4:2 C5:2 G4:2");
}

BOOST_AUTO_TEST_CASE(chord_symbols_are_kept_for_the_accompaniment) {
  const Melody melody = music("\"Am\"c2 \"G7/B\"d \"^slowly\" \"F#m7\"e");
  BOOST_TEST_REQUIRE(melody.chords.size() == 3u);
  BOOST_TEST(chord_name(melody.chords[0]) == "Am");
  BOOST_TEST(chord_name(melody.chords[1]) == "G7");
  BOOST_TEST(chord_name(melody.chords[2]) == "F#m7");
  BOOST_TEST(melody.chords[1].at == 2 * ticks_of_quarter);
}

BOOST_AUTO_TEST_CASE(what_is_not_melody_is_skipped) {
  BOOST_TEST(pitches(music("{gag}c !trill!d +fermata+e ~f .g vA uB % d e f\nw:some words\nTc \\\nd")) ==
             "C5 D5 E5 F5 G5 A4 B4 C5 D5");
}

BOOST_AUTO_TEST_CASE(repeats_are_played) {
  BOOST_TEST(pitches(music("C|:D|E:|F")) == "C4 D4 E4 D4 E4 F4");
  BOOST_TEST(pitches(music("C|D:|E:|")) == "C4 D4 C4 D4 E4 E4");
  BOOST_TEST(pitches(music("|:C|D::E|F:|")) == "C4 D4 C4 D4 E4 F4 E4 F4");
  BOOST_TEST(pitches(music("C||D:|")) == "C4 D4 D4");
  BOOST_TEST(pitches(music("|:C||D:|E")) == "C4 D4 C4 D4 E4");
  BOOST_TEST(pitches(music("|:C:||:D:|")) == "C4 C4 D4 D4");
}

BOOST_AUTO_TEST_CASE(each_time_with_its_own_ending) {
  BOOST_TEST(pitches(music("C|[1D:|[2E||F|G:|")) == "C4 D4 C4 E4 F4 G4 F4 G4");
  BOOST_TEST(pitches(music("|:C|1D:|2E|]")) == "C4 D4 C4 E4");
  BOOST_TEST(pitches(music("|:C|[1,3D:|[2E:|[4F|]")) == "C4 D4 C4 E4 C4 D4 C4 F4");
  BOOST_TEST(pitches(music("|:C|[1-2D:|[3E|]")) == "C4 D4 C4 D4 C4 E4");
  BOOST_TEST(pitches(music("C|[1D:|[2E:|F")) == "C4 D4 C4 E4 F4");  // the second sign begins nothing anew
}

BOOST_AUTO_TEST_CASE(positions_are_told_by_the_bar_lines) {
  const auto positions = [](const Melody& melody) {
    std::string text;
    for (const Event& event : melody.events) text += std::to_string(event.position / ticks_of_quarter);
    return text;
  };
  BOOST_TEST(positions(music("C|CDEF|G4|")) == "301230");              // an upbeat
  BOOST_TEST(positions(music("C|CDEF|GAB:|")) == "3012301230123012");  // whose time the last bar misses
  BOOST_TEST(positions(music("CD||EF|CDEF")) == "23010123");
  BOOST_TEST(positions(music("CDEF|C||DEF|CDEF")) == "012301230123");
  BOOST_TEST(positions(music("CDEF|CDE|CDEF|")) == "01230120123");  // a bar that is too short
}

BOOST_AUTO_TEST_CASE(bars_that_do_not_add_up_are_refused_on_demand_only) {
  const std::string text = head + "CDEF|CDEF|\nCDE|CDEF|\n";
  BOOST_TEST(read(text).events.size() == 15u);
  BOOST_TEST(refusal(text, Bars::must_add_up) ==
             "F: line 7, tune 1: expected bars of 4/4, found one of 3 quarter notes");
  BOOST_TEST(refusal(head + "CDEF|CDE\n\"G\"|CDEF|\n", Bars::must_add_up) ==
             "F: line 6, tune 1: expected bars of 4/4, found one of 3 quarter notes");
  BOOST_TEST(refusal(head + "CDEF|CDEFG|CDEF", Bars::must_add_up) ==
             "F: line 6, tune 1: expected bars of 4/4, found one of 5 quarter notes");
  read(head + "C|CDEF|CDE:|C|CD|EF|CDE:|", Bars::must_add_up);
  read(head + "C|CDEF|CDE|]", Bars::must_add_up);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_understood_is_refused_with_its_line) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"c\nV:1\nc\nV:2\n", "F: line 9, tune 1: expected one voice, found a second, 2"},
      {"c & d", "F: line 6, tune 1: expected one voice, found an overlay, &"},
      {"cccc|\nM:3/4\nccc", "F: line 7, tune 1: expected one meter for the whole tune, found a change"},
      {"c # d", "F: line 6, tune 1: expected a note or a bar line, found \"#\""},
      {"c \"Am", "F: line 6, tune 1: expected the end of a chord symbol, \", found the end of the line"},
      {"{c d", "F: line 6, tune 1: expected the end of grace notes, }, found the end of the line"},
      {"[ce", "F: line 6, tune 1: expected the end of a chord, ], found the end of the line"},
      {"[c1e q]", "F: line 6, tune 1: expected notes up to ], found \"q\""},
      {"^", "F: line 6, tune 1: expected a note after an accidental, found none"},
      {"c99999", "F: line 6, tune 1: expected a number of at most 4 digits, found a longer one"},
      {"c9999", "F: line 6, tune 1: expected a note of at most 64 whole notes, found a longer one"},
      {"c/1024/9999", "F: line 6, tune 1: expected a note of at least a 128th, found a shorter one"},
      {"c0",
       "F: line 6, tune 1: expected a length that can be divided into 128ths or tuplets of up to 9, found another"},
      {"c,,,,,,,,,,", "F: line 6, tune 1: expected a pitch of MIDI's, found a higher or lower one"},
      {"(1c", "F: line 6, tune 1: expected a tuplet of 2 to 9 notes, found one of 1"},
      {"(3cd", "F: line 6, tune 1: expected the rest of a tuplet, found the end of the tune"},
      {">c", "F: line 6, tune 1: expected a note before >, found none"},
      {"z", ""},
      {"", "F: line 1, tune 1: expected notes, found none"},
      {"[M:x]c", "F: line 6, tune 1: expected a meter such as 6/8, found \"x\""},
      {"c [1-0 d", "F: line 6, tune 1: expected endings from 1 to 9, found others"},
      {"Z99", "F: line 6, tune 1: expected a rest of 1 to 64 bars, found another"}};
  for (const auto& [text, message] : cases) {
    if (!message.empty()) BOOST_TEST(refusal(head + text) == message);
  }
  BOOST_TEST(refusal("X:1\nc\n") == "F: line 2, tune 1: expected the headers of a tune to end with K:, found music");
  BOOST_TEST(refusal("X:1\nT:x\n") == "F: line 1, tune 1: expected the header K:, found the end of the tune");
  BOOST_TEST(refusal("X:1\nK:H\n") == "F: line 2, tune 1: expected a key such as Am, found \"H\"");
  BOOST_TEST(refusal("X:1\nM:4/3\nK:C\n") == "F: line 2, tune 1: expected a meter such as 6/8, found \"4/3\"");
  BOOST_TEST(refusal("X:1\nL:1/3\nK:C\n") == "F: line 2, tune 1: expected a length such as 1/8, found \"1/3\"");
}

BOOST_AUTO_TEST_CASE(a_bad_tune_does_not_spoil_its_neighbors) {
  const AbcTunes all =
      parse_abc("% a collection\r\n\r\nX:1\r\nK:C\r\ncde\r\n\r\nX:2\r\nK:C\r\nc#\r\n\r\nX:3\r\nK:C\r\nfga\r\n", "F");
  BOOST_TEST_REQUIRE(all.tunes.size() == 2u);
  BOOST_TEST(pitches(all.tunes[1]) == "F5 G5 A5");
  BOOST_TEST_REQUIRE(all.refused.size() == 1u);
  BOOST_TEST(all.refused[0] == "F: line 9, tune 2: expected a note or a bar line, found \"#\"");
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_again_as_it_was) {
  for (const auto& [melody, bits] : compose_many(1, 0, 100)) {
    const Melody again = read(format_abc(melody), Bars::must_add_up);
    BOOST_TEST_REQUIRE((again.events == melody.events), format_abc(melody));
    BOOST_TEST(again.title == melody.title);
    BOOST_TEST((again.meter == melody.meter));
    BOOST_TEST((again.key == melody.key));
    BOOST_TEST((again.chords == melody.chords));
    BOOST_TEST(again.tempo == melody.tempo);
  }
}

BOOST_AUTO_TEST_CASE(notes_over_bar_lines_and_odd_lengths_are_written_with_ties) {
  Melody melody;
  melody.title = "100 % \n odd";
  melody.events = {{61, ticks_of_whole * 5 / 2},
                   {rest, ticks_of_quarter / 3},
                   {61, ticks_of_quarter * 2 / 3},
                   {72, 2 * ticks_of_quarter}};
  set_positions(melody.events, melody.meter.bar());
  const Melody again = read(format_abc(melody), Bars::must_add_up);
  BOOST_TEST((again.events == melody.events), format_abc(melody));
  BOOST_TEST(again.title == "100 % \\n odd");
}

BOOST_AUTO_TEST_CASE(every_pitch_in_every_key_is_spelled_so_that_it_is_read_again) {
  for (int sharps = -7; sharps <= 7; ++sharps) {
    Melody melody;
    melody.key = {sharps, sharps % 2 == 0};
    for (int pitch = 12; pitch < 116; ++pitch) melody.events.push_back({pitch, ticks_of_quarter});
    melody.events.resize(melody.events.size() / 4 * 4);
    set_positions(melody.events, melody.meter.bar());
    const Melody again = read(format_abc(melody));
    BOOST_TEST((again.events == melody.events), format_abc(melody));
    BOOST_TEST((again.key == melody.key));
  }
}

BOOST_AUTO_TEST_CASE(a_folder_is_read_file_by_file) {
  const Folder folder;
  folder.file("b.abc", "X:1\nK:C\nd\n");
  folder.file("a.ABC", "X:1\nK:C\nc\n");
  folder.file("c.txt", "X:1\nK:C\ne\n");
  const AbcTunes all = read_abc(folder / "");
  BOOST_TEST_REQUIRE(all.tunes.size() == 2u);
  BOOST_TEST(pitches(all.tunes[0]) == "C5");
  BOOST_TEST((all.files == std::vector<std::filesystem::path>{folder / "a.ABC", folder / "b.abc"}));
  const AbcTunes one = read_abc(folder / "b.abc");
  BOOST_TEST_REQUIRE(one.tunes.size() == 1u);
  BOOST_TEST((one.files == std::vector<std::filesystem::path>{folder / "b.abc"}));
  BOOST_CHECK_THROW(read_abc(folder / "none"), FileError);
  BOOST_CHECK_THROW(read_abc(folder.file("empty.abc", "words\n")), FileError);
  const Folder empty;
  const auto problem = [&] {
    std::string said;
    BOOST_CHECK_EXCEPTION(read_abc(empty / ""), FileError, [&](const FileError& error) {
      said = error.what();
      return true;
    });
    return said;
  };
  BOOST_TEST(problem().ends_with(": expected a folder with files whose names end in .abc, found none"));
  empty.file("empty.abc", "words\n");
  BOOST_TEST(problem().ends_with(": expected tunes in ABC, found none"));
}

BOOST_AUTO_TEST_CASE(files_are_read_in_the_order_of_their_names_and_what_is_refused_is_kept) {
  const Folder folder;
  std::string names;
  for (const char* name : {"f", "b", "d", "a", "h", "c", "g", "e"}) {
    folder.file(name + std::string(".abc"), std::string("X:1\nT:") + name + "\nK:C\nc\n");
  }
  for (const Melody& tune : read_abc(folder / "").tunes) names += tune.title;
  BOOST_TEST(names == "abcdefgh");
  const Folder bad;
  bad.file("bad.abc", "X:1\nK:C\n#\n");
  for (const char* name : {"", "bad.abc"}) {
    const AbcTunes none = read_abc(bad / name);
    BOOST_TEST(none.tunes.empty());
    BOOST_TEST_REQUIRE(none.refused.size() == 1u);
    BOOST_TEST(none.refused[0].starts_with(bad / "bad.abc"));
  }
}

BOOST_AUTO_TEST_CASE(a_tune_cannot_grow_beyond_bounds) {
  std::string text = head;
  for (int i = 0; i < 30000; ++i) text += "c|";
  BOOST_TEST(refusal(text + "\n") == "F: line 6, tune 1: expected at most 20000 notes, repeats included, found more");
}
