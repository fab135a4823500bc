module;
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

module melody.options;

import melody.tunes;
import rnn.autodiff.graph;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.base.random;
import rnn.base.ranks;
import rnn.base.thread_pool;
import rnn.console.options;
import rnn.console.session;
import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.data.sharing;
import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.melody_network;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.melody_file;
import rnn.training.next_event;
import rnn.training.trainer;

using namespace rnn;

namespace melody {

namespace {

/// With --init and --resume, the network is that of the file's weights.
std::map<std::string, std::string> values_of_weights(const TensorFile& file, const std::filesystem::path& path) {
  const MelodyShape shape = melody_shape(file, path).shape;
  return {
      {"hidden", std::to_string(shape.hidden)}, {"embedding", std::to_string(shape.embedding)}, {"cell", shape.cell}};
}

}  // namespace

DataOptions::DataOptions(Options& options)
    : data_(
          (options.group("Tunes"),
           options.text("data", default_data(), "a file or folder of ABC, chorales in JSON, or \"composed\"", "PATH"))),
      tunes_(options.integer("tunes", default_tunes, {10, 1000000}, "how many tunes to compose")),
      seed_(options.integer("seed", 1, {0, 4294967295}, "decides every random number")),
      keys_(options.choice("keys", "c", {"c", "all", "own"},
                           "bring all tunes to C major or A minor, train in all keys, or leave them as they are")),
      strict_(options.flag("strict", "refuse tunes whose bars do not add up, and say which")) {}

Keys DataOptions::keys() const { return *keys_ == "c" ? Keys::c : *keys_ == "all" ? Keys::all : Keys::own; }

Tunes DataOptions::load(const Options& options, bool quiet) const {
  const Tunes tunes = load_tunes({.data = *data_,
                                  .composed = *tunes_,
                                  .seed = static_cast<std::uint32_t>(*seed_),
                                  .keys = keys(),
                                  .strict = *strict_});
  for (const std::filesystem::path& file : tunes.files) options.reads(file);
  if (quiet) return tunes;
  for (const std::string& note : tunes.notes) std::cerr << note << '\n';
  std::cerr << fmt::format("{}: {} for training, {} for validation, {} for testing\n", tunes.source, tunes.train.size(),
                           tunes.validation.size(), tunes.test.size());
  return tunes;
}

TrainingOptions::TrainingOptions(Options& options)
    : options_(options),
      data_(options),
      epochs_(
          (options.group("Training"), options.integer("epochs", 40, {1, 1000000}, "passes over the training tunes"))),
      batch_(options.integer("batch", 32, {1, 100000}, "tunes that are read together")),
      segment_(options.integer("segment", 48, {1, 100000}, "events that the gradient goes back at most")),
      learning_rate_(options.real("learning-rate", 0.003, {0, 1000, true}, "Adam's learning rate")),
      clip_(options.real("clip", 1, {0, 1000000}, "scale the gradient down to this norm; 0 does not clip")),
      keep_(options.real("keep-prob", 0.8, {0, 1, true}, "dropout: keep a number with this probability", "P")),
      patience_(options.integer("patience", 6, {0, 1000000},
                                "stop after this many epochs without progress on the validation tunes; 0 never stops")),
      threads_(options.integer("threads", available_cores(), {1, 1024}, "changes the speed, not the result")),
      cell_((options.group("Network"), options.choice("cell", "gru", cell_names(), "kind of recurrent cell"))),
      hidden_(options.integer("hidden", 128, {1, 100000}, "recurrent neurons")),
      embedding_(options.integer("embedding", 32, {1, 10000}, "numbers that stand for a pitch")),
      session((options.group("Files"), options),
              {{"seed"},
               {"tunes"},
               {"keys"},
               {"strict"},
               {"batch"},
               {"segment"},
               {"learning-rate"},
               {"clip"},
               {"keep-prob"},
               {"patience"},
               {"cell"},
               {"hidden"},
               {"embedding"}},
              "try a smaller --learning-rate or --clip", {"composed", "files of tunes"}) {
  session.take_options_from_weights(values_of_weights);
}

unsigned TrainingOptions::threads() const { return static_cast<unsigned>(*threads_); }

TrainingOptions::Data TrainingOptions::data() const {
  Tunes tunes;
  EventVocabulary vocabulary;
  const auto load = [&] {
    tunes = data_.load(options_, session.quiet());
    vocabulary = session.init().empty() ? vocabulary_of(tunes, data_.keys())
                                        : melody_shape(session.init_weights(), session.init()).vocabulary;
  };
  load_once(load, tunes.train, tunes.validation, tunes.test, tunes.entropy, vocabulary);
  const std::size_t notes = tunes.notes.size();
  Encoded encoded = encode(tunes, data_.keys(), vocabulary);
  if (tunes.notes.size() > notes && !session.quiet()) std::cerr << tunes.notes.back() << '\n';
  return {std::move(tunes), std::move(encoded)};
}

MelodyNetwork TrainingOptions::network(const Encoded& data) const {
  if (!session.init().empty()) return to_melody_network(session.init_weights(), session.init()).network;
  MelodyNetwork network({.pitches = data.vocabulary.pitches(),
                         .durations = data.vocabulary.durations(),
                         .places = data.vocabulary.places(),
                         .hidden = *hidden_,
                         .embedding = *embedding_,
                         .cell = *cell_});
  Engine engine = seeded(combine_seeds({data_.seed()}));
  network.initialize(engine);
  return network;
}

TrainerOptions TrainingOptions::trainer() const {
  return {.adam = {.learning_rate = static_cast<Real>(*learning_rate_)},
          .max_norm = *clip_ > 0 ? static_cast<Real>(*clip_) : std::numeric_limits<Real>::infinity(),
          .threads = threads()};
}

NextEventOptions TrainingOptions::next_event() const {
  return {.batch = *batch_,
          .segment = *segment_,
          .keep = static_cast<Real>(*keep_),
          .seed = static_cast<std::uint32_t>(data_.seed())};
}

/// The network's graph for two events of one tune.
static Graph graph_of_network(const MelodyNetwork& network) {
  Tape tape(Tape::Mode::evaluate);
  const std::vector<Index> zeros(2, 0);
  const MelodyOnTape on_tape = network.on(tape);
  const Var states = on_tape.read({.steps = 2, .batch = 1, .pitch = zeros, .duration = zeros, .place = zeros}).states;
  on_tape.pitch_logits(states);
  on_tape.duration_logits(states, zeros);
  return graph_of(tape);
}

SessionPlan TrainingOptions::plan(Trainer& trainer, const MelodyNetwork& network, Parameters& best,
                                  const NextEvent& task, const Data& data) const {
  return {.trainer = trainer,
          .epochs = epochs(),
          .steps = task.steps(),
          .batch = std::min<Index>(*batch_, data.encoded.train.size()),
          .graph = graph_of_network(network),
          .metadata = metadata_of(network, data.encoded.vocabulary),
          .training_data = fingerprint(data.tunes.train),
          .test_data = fingerprint(data.tunes.test),
          .data_folder = data_.data() == "composed" ? "" : data_.data(),
          .examples = "tunes",
          .results = {"bits", "train", "validation"},
          .one_update = false,
          .best = &best};
}

bool TrainingOptions::stops(std::span<const double> validation) const {
  return EarlyStopping(validation, *patience_).stops();
}

bool is_best(std::vector<double> before, double now) {
  before.push_back(now);
  return EarlyStopping(before, 0).improved();
}

}  // namespace melody
