module;
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

module rnn.data.ngram;

namespace rnn {

// What stands before the first word of a sequence. As a context it is like any other word.
constexpr std::uint32_t before_all = 0x7fffffff;

NGram::Key NGram::key(std::span<const std::uint32_t> context) {
  Key result = context.size();
  for (const std::uint32_t word : context) result = result << 31 | word;
  return result;
}

NGram::NGram(std::size_t order, std::size_t words, Sequences sequences, double discount)
    : order_(order), words_(words), discount_(discount) {
  if (order < 1 || order > highest_order) {
    throw std::invalid_argument("NGram: order must be 1 to 3, got " + std::to_string(order));
  }
  if (!(discount > 0)) throw std::invalid_argument("NGram: discount must be above 0");
  std::vector<std::uint32_t> padded;
  std::array<std::set<std::vector<std::uint32_t>>, highest_order> seen;
  for (const std::vector<std::uint32_t>& sequence : sequences) {
    padded.assign(order - 1, before_all);
    padded.insert(padded.end(), sequence.begin(), sequence.end());
    for (std::size_t i = order - 1; i < padded.size(); ++i) {
      const std::span<const std::uint32_t> all = padded;
      // Below the highest order, an n-gram counts once for each different word before it.
      for (std::size_t n = order; n >= 1; --n) {
        add(n, all.subspan(i + 1 - n, n - 1), all[i]);
        const auto gram = all.subspan(i + 1 - n, n);
        if (n > 1 && !seen[n - 1].emplace(gram.begin(), gram.end()).second) break;
      }
    }
  }
}

void NGram::add(std::size_t order, std::span<const std::uint32_t> context, std::uint32_t word) {
  Context& found = contexts_[order - 1][key(context)];
  ++found.total;
  ++found.counts[word];
}

void NGram::choose_discount(Sequences held_out) {
  double least = std::numeric_limits<double>::infinity(), best = discount_;
  for (const double discount : {0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0}) {
    discount_ = discount;
    double surprise = 0;
    for (const std::vector<std::uint32_t>& sequence : held_out) surprise += bits(sequence);
    if (!(surprise < least)) continue;
    least = surprise;
    best = discount;
  }
  discount_ = best;
}

double NGram::probability(std::size_t order, std::span<const std::uint32_t> context, std::uint32_t word) const {
  if (order == 0) return 1 / double(words_);
  const double lower = probability(order - 1, context.empty() ? context : context.subspan(1), word);
  const auto& contexts = contexts_[order - 1];
  const auto found = contexts.find(key(context));
  if (found == contexts.end()) return lower;
  const auto& [total, counts] = found->second;
  const auto own = counts.find(word);
  const double kept = own == counts.end() ? 0 : std::max(double(own->second) - discount_, 0.0);
  double freed = 0;
  for (const auto& [other, count] : counts) freed += std::min(double(count), discount_);
  return (kept + freed * lower) / double(total);
}

double NGram::probability(std::span<const std::uint32_t> before, std::uint32_t word) const {
  std::array<std::uint32_t, highest_order> context;
  context.fill(before_all);
  const std::size_t wanted = order_ - 1, there = std::min(wanted, before.size());
  std::copy(before.end() - std::ptrdiff_t(there), before.end(), context.begin() + std::ptrdiff_t(wanted - there));
  return probability(order_, std::span(context).first(wanted), word);
}

double NGram::bits(std::span<const std::uint32_t> sequence) const {
  double sum = 0;
  for (std::size_t i = 0; i < sequence.size(); ++i) sum -= std::log2(probability(sequence.first(i), sequence[i]));
  return sum;
}

}  // namespace rnn
