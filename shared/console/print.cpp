module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

module rnn.console.print;

namespace rnn {

namespace {

constexpr Index few = 3;      // at each end of an axis that is cut
constexpr Index many = 1000;  // numbers that are shown in full
constexpr Index gap = Index(-1);

/// The positions along an axis that are shown; `gap` stands for those that are not.
std::vector<Index> shown(Index size, bool cut) {
  std::vector<Index> positions;
  for (Index i = 0; i < size; ++i) {
    if (!cut || i < few || i + few >= size) positions.push_back(i);
    if (cut && size > 2 * few && i == few) positions.push_back(gap);
  }
  return positions;
}

/// How all the numbers of one array are written: in one notation, aligned at the point.
class Layout {
 public:
  void see(Real value) {
    if (std::isfinite(value)) largest_ = std::max(largest_, std::abs(value));
  }
  /// To be called once all have been seen: finds the room that they take.
  void measure(Real value) {
    const std::string text = digits(value);
    width_ = std::max(width_, text.size());
    if (!std::isfinite(value)) return;
    const std::size_t point = text.find('.');
    before_point_ = std::max(before_point_, point);
    after_point_ = std::max(after_point_, text.size() - point);
    width_ = std::max(width_, before_point_ + after_point_);
  }
  std::string operator()(Real value) const {
    std::string text = digits(value);
    if (std::isfinite(value)) text.append(after_point_ - (text.size() - text.find('.')), ' ');
    return fmt::format("{:>{}}", text, width_);
  }

 private:
  bool scientific() const { return largest_ >= Real(1e8) || (largest_ > 0 && largest_ < Real(1e-4)); }

  /// The fewest digits that read back as the same number, at most 8 after the point. There is always a point.
  std::string digits(Real value) const {
    if (std::isnan(value)) return "nan";  // its sign, if any, means nothing
    std::string text;
    for (int places = 0; places <= 8; ++places) {
      text = scientific() ? fmt::format("{:#.{}e}", value, places) : fmt::format("{:#.{}f}", value, places);
      if (static_cast<Real>(std::strtod(text.c_str(), nullptr)) == value) break;
    }
    return scientific() ? text : text.substr(0, text.find_last_not_of('0') + 1);
  }

  Real largest_ = 0;
  std::size_t width_ = 0;
  std::size_t before_point_ = 0;
  std::size_t after_point_ = 0;
};

std::string row_text(const Layout& layout, ConstView a, Index row, const std::vector<Index>& columns) {
  std::string text = "[";
  for (const Index j : columns) {
    if (j != columns.front()) text += ' ';
    text += j == gap ? "..." : layout(a(row, j));
  }
  return text + "]";
}

using Visit = std::function<void(Real)>;

/// Sees every number twice: once for the notation, once for the room.
Layout layout_of(const std::function<void(const Visit&)>& for_each) {
  Layout layout;
  for_each([&](Real value) { layout.see(value); });
  for_each([&](Real value) { layout.measure(value); });
  return layout;
}

}  // namespace

void print(std::ostream& out, std::string_view title, ConstView a, Axes axes) {
  out << fmt::format("{}  ({} {} x {} {})\n", title, axes.rows, a.rows, axes.columns, a.columns);
  const bool cut = a.size() > many;
  const std::vector<Index> rows = shown(a.rows, cut), columns = shown(a.columns, cut);
  const Layout layout = layout_of([&](const Visit& visit) {
    for (const Index i : rows) {
      for (const Index j : columns) {
        if (i != gap && j != gap) visit(a(i, j));
      }
    }
  });
  for (const Index i : rows) out << "  " << (i == gap ? "..." : row_text(layout, a, i, columns)) << '\n';
}

void print(std::ostream& out, std::string_view title, const Sequence& a, std::string_view features) {
  out << fmt::format("{}  (batch {} x time {} x {} {})\n", title, a.batch(), a.steps(), features, a.features());
  const bool cut = a.rows().size() > many;
  const std::vector<Index> examples = shown(a.batch(), cut), steps = shown(a.steps(), cut);
  const std::vector<Index> columns = shown(a.features(), cut);
  const Layout layout = layout_of([&](const Visit& visit) {
    for (const Index i : examples) {
      for (const Index t : steps) {
        for (const Index j : columns) {
          if (i != gap && t != gap && j != gap) visit(a(t, i, j));
        }
      }
    }
  });
  const std::size_t width = fmt::format("{}", a.steps() == 0 ? 0 : a.steps() - 1).size();
  for (const Index i : examples) {
    out << (i == gap ? "  ...\n" : fmt::format("  example {}\n", i));
    if (i == gap) continue;
    for (const Index t : steps) {
      out << (t == gap ? "    ...\n" : fmt::format("    t={:<{}}  {}\n", t, width, row_text(layout, a[t], i, columns)));
    }
  }
}

}  // namespace rnn
