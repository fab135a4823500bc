module;
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <vector>

module rnn.data.lines;

namespace rnn {

namespace {

constexpr double spans = 0.75;      // of the page, at least
constexpr double thickest = 0.055;  // of the page's shorter side
constexpr double steepest = 0.1;    // rise to run

/// For each row, how many pixels of the mask are in each of a few vertical strips. A slightly turned line crosses each
/// strip almost horizontally.
class Strips {
 public:
  explicit Strips(const Mask& mask)
      : rows_(mask.rows), columns_(mask.columns), strips_(std::clamp(mask.columns / 8, 1, 48)) {
    counts_.assign(std::size_t(rows_) * std::size_t(strips_), 0);
    for (int i = 0; i < rows_; ++i) {
      for (int j = 0; j < columns_; ++j) {
        // The rows above and below count too: within a strip, a turned line has steps.
        const bool covered = mask(i, j) || (i > 0 && mask(i - 1, j)) || (i + 1 < rows_ && mask(i + 1, j));
        counts_[std::size_t(j * strips_ / columns_) * std::size_t(rows_) + std::size_t(i)] += covered;
      }
    }
  }

  /// For every line with this drop, how many of its pixels are in the mask; the first begins at row first(drop) on the
  /// left.
  void cover(int drop, std::vector<int>& sums) const {
    sums.assign(std::size_t(rows_ + std::abs(drop)), 0);
    for (int k = 0; k < strips_; ++k) {
      const int shift = int(std::lround(drop * (k + 0.5) / strips_)) + first(drop);  // the row that sums[0] meets
      const int* counts = counts_.data() + std::ptrdiff_t(k) * rows_;
      const int begin = std::max(0, -shift), end = std::min(int(sums.size()), rows_ - shift);
      for (int i = begin; i < end; ++i) sums[std::size_t(i)] += counts[i + shift];
    }
  }
  static int first(int drop) { return std::min(0, -drop); }
  /// No line of any drop has more pixels than this.
  int at_most() const {
    int sum = 0;
    for (int k = 0; k < strips_; ++k) {
      const auto strip = counts_.begin() + std::ptrdiff_t(k) * rows_;
      sum += *std::max_element(strip, strip + rows_);
    }
    return sum;
  }
  int needed() const { return int(std::ceil(spans * columns_)); }

 private:
  int rows_, columns_, strips_;
  std::vector<int> counts_;
};

/// The rows of a line, where it begins on the left, and how many further down it is on the right.
struct Line {
  int top, bottom, drop;
};

/// Parallel lines, and their weight: long ones count most.
struct Lines {
  std::vector<Line> lines;
  double weight = 0;
};

/// The lines with this drop.
Lines lines_with(int drop, const Strips& strips, int thickest_line, std::vector<int>& sums) {
  strips.cover(drop, sums);
  Lines found;
  for (auto at = sums.begin(); at != sums.end();) {
    const auto is_line = [&](int sum) { return sum >= strips.needed(); };
    const auto begin = std::find_if(at, sums.end(), is_line), end = std::find_if_not(begin, sums.end(), is_line);
    at = end;
    if (end - begin > thickest_line) continue;
    for (auto sum = begin; sum != end; ++sum) found.weight += std::pow(*sum, 3);
    const int top = Strips::first(drop) + int(begin - sums.begin());
    if (begin != end) found.lines.push_back({top, top + int(end - begin), drop});
  }
  return found;
}

/// The page's lines, which are parallel: those with the drop of the largest weight.
std::vector<Line> level_lines(const Mask& mask) {
  const Strips strips(mask);
  if (strips.at_most() < strips.needed()) return {};
  // A line with a larger drop would leave the page.
  const int most = std::min(int(steepest * mask.columns), int(mask.rows / spans));
  const int limit = std::max(3, int(thickest * mask.shorter())) + 2;  // a row more on both sides is counted
  Lines best;
  std::vector<int> sums;
  for (int size = 0; size <= most; ++size) {
    for (const int drop : {size, -size}) {
      Lines found = lines_with(drop, strips, limit, sums);
      if (found.weight > best.weight * 1.001) best = std::move(found);
    }
  }
  return std::move(best.lines);
}

/// Removes the line's pixels, column by column, except where there is ink both above and below it.
void remove(const Line& line, const Mask& from, Mask& mask) {
  const int thickness = line.bottom - line.top;
  for (int j = 0; j < mask.columns; ++j) {
    const int shift = int(std::lround(double(line.drop) * (j + 0.5) / mask.columns));
    const int top = line.top + shift, bottom = line.bottom + shift;
    const auto ink_at = [&](int i) {
      for (int x = j - thickness; x <= j + thickness; ++x) {
        if (from.holds(i, x) && from(i, x)) return true;
      }
      return false;
    };
    if (ink_at(top - 1) && ink_at(bottom)) continue;
    for (int i = std::max(0, top); i < std::min(mask.rows, bottom); ++i) mask(i, j) = 0;
  }
}

void remove_level_lines(Mask& mask) {
  const Mask from = mask;
  for (const Line& line : level_lines(from)) remove(line, from, mask);
}

}  // namespace

void remove_lines(Mask& mask) {
  Mask upright = transposed(mask);
  remove_level_lines(upright);
  remove_level_lines(mask);
  const Mask others = transposed(upright);
  for (std::size_t p = 0; p < mask.values.size(); ++p) mask.values[p] = mask.values[p] && others.values[p];
}

}  // namespace rnn
