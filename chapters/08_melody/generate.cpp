module;
#include <fmt/format.h>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>

#include <iostream>
#include <string>
#include <vector>

// 08_melody generate: a tune, note by note, picked by chance.
module melody.commands;

import melody.improviser;
import melody.outputs;
import rnn.base.random;
import rnn.console.options;
import rnn.network.sampling;

using namespace rnn;

namespace melody {

int generate(int argc, char** argv) {
  Options options(
      "08_melody generate",
      "Makes a tune: asks the network for the next note, picks one by chance, each as likely as the network\n"
      "thinks it is, and asks again. Shows on standard error what was likely and what was picked, and\n"
      "prints the tune as ABC.");
  const TuneMaking making(options);
  const auto quiet = options.flag("quiet", "do not show what was likely");
  options.example("--init weights.safetensors --wav tune.wav", "a tune to listen to");
  options.example("--init weights.safetensors --start \"C4:1 E4:1/2\" --temperature 1.2", "one that begins as you say");

  return options.run(argc, argv, [&] {
    Improviser tune = making.begin();
    boost::random::mt19937 engine = seeded(combine_seeds({making.seed()}));
    boost::random::uniform_01<double> uniform;
    constexpr std::size_t shown = 5;
    while (tune.bars() < double(making.bars())) {
      const std::vector<Candidate> expected = tune.expects(making.temperature(), making.top());
      const Candidate picked = choose(expected, uniform(engine));
      if (!*quiet) {
        std::cerr << fmt::format("bar {:.2f}\n", 1 + tune.bars()) << picture(tune, expected, shown, &picked);
      }
      if (!tune.take(picked)) break;
    }
    making.finish(tune.melody(making.bars()));
    return 0;
  });
}

}  // namespace melody
