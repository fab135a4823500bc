module;
#include <boost/random/mersenne_twister.hpp>

/// Random numbers: Boost's engines, since the standard's distributions differ between libraries.
export module rnn.base.random;

import rnn.base.std;

export namespace rnn {

/// A seed made of several numbers (the user's seed, an epoch, a batch, a shard): each combination gives a stream of its
/// own, so no state has to be carried along or stored.
/// Source of the mixing: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
inline constexpr std::uint64_t combine_seeds(std::initializer_list<std::uint64_t> parts) {
  std::uint64_t mixed = 0;
  for (const std::uint64_t part : parts) {
    mixed += part + 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    mixed ^= mixed >> 31;
  }
  return mixed;
}

/// An engine at the start of the stream that belongs to a 64-bit seed.
template <class Engine = boost::random::mt19937>
inline Engine seeded(std::uint64_t seed) {
  const std::uint64_t mixed = combine_seeds({seed});
  return Engine(static_cast<std::uint32_t>(mixed ^ (mixed >> 32)));
}

}  // namespace rnn
