module;
#include <cstddef>
#include <iostream>
#include <optional>

// 08_melody evaluate: how surprising tunes are that the weights were not trained on.
module melody.commands;

import melody.options;
import melody.report;
import melody.tunes;
import rnn.base.thread_pool;
import rnn.console.options;
import rnn.training.data_parallel;
import rnn.training.melody_file;

using namespace rnn;

namespace melody {

int evaluate(int argc, char** argv) {
  Options options(
      "08_melody evaluate",
      "Prints how many bits an event of the test tunes costs with saved weights, and the perplexity: among\n"
      "how many equally likely events it would be as hard to choose. Beside it, the same for models that\n"
      "have counted in the training tunes which event follows upon the last none, one or two.");
  options.group("Network");
  const auto init = options.input_file("init", "FILE", "weights or a checkpoint saved by training");
  options.required("init");
  const DataOptions data(options);
  options.group("Output");
  const auto threads = options.integer("threads", available_cores(), {1, 1024}, "changes the speed, not the result");
  const auto json = options.flag("json", "print one JSON object, and nothing else");
  options.example("--init weights.safetensors",
                  "how good the weights from \"08_melody --save weights.safetensors\" are");

  return options.run(argc, argv, [&] {
    const SavedMelodyNetwork saved = load_melody_network(*init);
    Tunes tunes = data.load(options, *json);
    const std::size_t before = tunes.notes.size(), tested = tunes.test.size();
    const Encoded encoded = encode(tunes, data.keys(), saved.vocabulary);
    if (tunes.notes.size() > before) std::cerr << tunes.notes.back() << '\n';
    // Without the tunes that were left out, the composer's entropy is that of other tunes.
    const std::optional<double> entropy = tunes.test.size() == tested ? tunes.entropy : std::nullopt;
    DataParallel shards(static_cast<unsigned>(*threads));
    const Report result = report(saved.network, encoded, entropy, shards);
    std::cout << (*json ? result.json(tunes.source) : result.table()) << '\n';
    return 0;
  });
}

}  // namespace melody
