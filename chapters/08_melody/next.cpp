module;
#include <fmt/format.h>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>

#include <cstddef>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

// 08_melody next: a tune of which a person picks the notes.
module melody.commands;

import melody.improviser;
import melody.outputs;
import rnn.base.random;
import rnn.base.text;
import rnn.console.options;
import rnn.data.melody;
import rnn.network.sampling;

using namespace rnn;

namespace melody {

namespace {

constexpr std::size_t proposed = 9;

/// What a person answered: a number of the list, an event of their own ("C4:1"), chance, or the end.
struct Answer {
  enum class Kind { number, event, chance, end } kind;
  std::size_t number = 0;
  std::vector<Event> events = {};
};

/// Asks until the answer can be understood.
Answer ask(std::size_t numbers) {
  while (true) {
    std::cerr << fmt::format("1 to {}, a note such as C4:1, Enter for chance, q to end: ", numbers) << std::flush;
    std::string line;
    if (!std::getline(std::cin, line) || line == "q") return {Answer::Kind::end};
    if (line.empty()) return {Answer::Kind::chance};
    const std::optional<std::size_t> number = parse_number<std::size_t>(line);
    if (number && *number >= 1 && *number <= numbers) return {Answer::Kind::number, *number - 1};
    try {
      return {Answer::Kind::event, 0, parse_events(line)};
    } catch (const std::invalid_argument& problem) {
      std::cerr << problem.what() << '\n';
    }
  }
}

/// Goes on as the person says. False: the tune is over.
bool go_on(Improviser& tune, const std::vector<Candidate>& expected, double chance) {
  while (true) {
    const Answer answer = ask(std::min(proposed, expected.size()));
    switch (answer.kind) {
      case Answer::Kind::end: return false;
      case Answer::Kind::number: return tune.take(expected[answer.number]);
      case Answer::Kind::chance: {
        const Candidate& picked = choose(expected, chance);
        std::cerr << "→ " << tune.in_words(picked) << '\n';
        return tune.take(picked);
      }
      case Answer::Kind::event: break;
    }
    try {
      for (const Event& event : answer.events) tune.hear(event);
      return true;
    } catch (const std::invalid_argument& problem) {
      std::cerr << problem.what() << '\n';
    }
  }
}

}  // namespace

int next(int argc, char** argv) {
  Options options(
      "08_melody next",
      "Asks the network for the next note of a tune, and you for which to take: one of the most likely, one\n"
      "of your own, or what chance says. Then it asks for the next one. Prints the tune as ABC at the end.");
  const TuneMaking making(options);
  options.example("--init weights.safetensors --play", "each note is played when it is taken");

  return options.run(argc, argv, [&] {
    Improviser tune = making.begin();
    boost::random::mt19937 engine = seeded(combine_seeds({making.seed()}));
    boost::random::uniform_01<double> uniform;
    bool playing = making.plays();
    while (tune.bars() < double(making.bars())) {
      const std::vector<Candidate> expected = tune.expects(making.temperature(), making.top());
      std::cerr << fmt::format("bar {:.2f}\n", 1 + tune.bars()) << picture(tune, expected, proposed, nullptr);
      const std::size_t before = tune.so_far().events.size();
      if (!go_on(tune, expected, uniform(engine))) break;
      if (!playing) continue;
      Melody added = tune.so_far();
      added.events.erase(added.events.begin(), added.events.begin() + std::ptrdiff_t(before));
      playing = play(added);
    }
    making.finish(tune.melody(making.bars()));
    return 0;
  });
}

}  // namespace melody
