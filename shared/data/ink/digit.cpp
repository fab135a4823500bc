module;
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

module rnn.data.ink;

namespace rnn {

namespace {

/// Whether a piece at this distance from a digit is a part of it, as the bar of a 5 may be, and not a speck or another
/// digit. `main_area` is the area of the digit's largest piece.
bool belongs(const Piece& piece, float gap, const Box& digit, int main_area) {
  const Box& box = piece.box;
  const Box both = unite(box, digit);
  const auto size = float(both.longer());
  if (gap <= 0.03f * size && piece.area * 200 >= main_area) return true;
  if (gap > 0.2f * size || piece.area * 12 < main_area) return false;
  const bool beside = box.left >= digit.right || box.right <= digit.left;
  const auto tall = [&](const Box& part) { return part.height() * 10 >= 7 * both.height(); };
  if (beside && tall(box) && tall(digit)) return gap <= 0.12f * size && both.width() * 100 <= 115 * both.height();
  return both.longer() * 4 <= 7 * digit.longer();  // longer ones are two digits, one below the other
}

/// Puts a digit together from its pieces.
class Collector {
 public:
  Collector(const Components& parts, std::vector<Piece> pieces, const Page& page)
      : parts_(parts), pieces_(std::move(pieces)), taken_(parts.components.size()) {
    const std::vector<std::uint8_t> none(page.strength.values.size());
    digit_.mask = {page.strength.rows, page.strength.columns, none};
    if (pieces_.empty()) return;
    main_ = *std::ranges::max_element(pieces_, {}, weight_of);
    digit_.box = main_.box;
    take(main_);
  }

  Digit collect(float strength) {
    if (pieces_.empty()) return digit_;
    bool more = true;
    for (int round = 0; more && round < 8; ++round) {
      more = false;
      const std::vector<float> gaps = gaps_to_digit();
      for (const Piece& piece : pieces_) {
        const auto number = std::size_t(piece.number);
        if (taken_[number] || (piece.at_edge && !main_.at_edge) || piece.strength < 0.4f * strength) continue;
        if (!belongs(piece, gaps[number], digit_.box, main_.area)) continue;
        take(piece);
        more = true;
      }
    }
    digit_.count = 1 + int(std::ranges::count_if(pieces_, [&](const Piece& piece) {
                     const bool left =
                         !taken_[std::size_t(piece.number)] && !piece.at_edge && piece.strength >= 0.5f * strength;
                     return left && piece.box.longer() * 2 >= main_.box.longer() && piece.area * 5 >= main_.area;
                   }));
    return digit_;
  }

 private:
  void take(const Piece& piece) {
    taken_[std::size_t(piece.number)] = true;
    digit_.box = unite(digit_.box, piece.box);
    for (int i = piece.box.top; i < piece.box.bottom; ++i) {
      for (int j = piece.box.left; j < piece.box.right; ++j) {
        if (parts_.label_at(i, j) == piece.number) digit_.mask(i, j) = 1;
      }
    }
  }

  std::vector<float> gaps_to_digit() const {
    const Plane distance = distance_to(digit_.mask);
    std::vector<float> gaps(parts_.components.size(), 1e9f);
    for (std::size_t p = 0; p < parts_.label.size(); ++p) {
      if (parts_.label[p] < 0) continue;
      float& gap = gaps[std::size_t(parts_.label[p])];
      gap = std::min(gap, distance.values[p]);
    }
    return gaps;
  }

  const Components& parts_;
  std::vector<Piece> pieces_;
  std::vector<bool> taken_;
  Piece main_{};
  Digit digit_;
};

}  // namespace

Digit digit_at(const Page& page, float threshold, float strength, const Box& within) {
  const Components parts = components_of(marks(page, threshold));
  std::vector<Piece> pieces = pieces_of(parts, page);
  std::erase_if(pieces, [&](const Piece& piece) { return intersect(piece.box, within) == Box{}; });
  Digit digit = Collector(parts, std::move(pieces), page).collect(strength);
  digit.others = above(page.smooth, threshold);  // lines too
  for (std::size_t p = 0; p < digit.mask.values.size(); ++p) {
    if (digit.mask.values[p]) digit.others.values[p] = 0;
  }
  return digit;
}

}  // namespace rnn
