module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

module rnn.data.ink;

import rnn.base.error;
import rnn.linalg.matrix;

namespace rnn {

namespace {

constexpr double most_pixels_at_once = 1 << 18;  // of the reduced picture: a digit is found on a hundredth of it
constexpr int fine_digit = 96;                   // pixels along the digit's longer side, at least, in the close-up
constexpr float faintest = 0.04f;                // ink that counts, as a share of the way from white to black

/// By how much this part of a picture must be reduced.
int factor_for(const Box& part) {
  int factor = 1;
  const auto made_smaller = [&](int length) {
    const int whole = (length + factor - 1) / factor;
    return double(whole);
  };
  while (made_smaller(part.height()) * made_smaller(part.width()) > most_pixels_at_once) ++factor;
  return factor;
}

/// From pixels of a reduced part of the picture to the picture's own, and back.
Box in_picture(const Box& box, const Box& from, int factor) {
  const Box larger{from.top + box.top * factor, from.top + box.bottom * factor, from.left + box.left * factor,
                   from.left + box.right * factor};
  return intersect(larger, from);
}
Box in_part(const Box& box, const Box& from, int factor) {
  return {(box.top - from.top) / factor, (box.bottom - from.top + factor - 1) / factor, (box.left - from.left) / factor,
          (box.right - from.left + factor - 1) / factor};
}

[[noreturn]] void refuse_blank(const Plane& brightness, const std::filesystem::path& name) {
  const auto [darkest, brightest] = std::ranges::minmax(brightness.values);
  throw FileError(name, fmt::format("expected a digit that stands out from its paper, found no ink: brightness {:.0f} "
                                    "to {:.0f} of 255",
                                    std::round(darkest), std::round(brightest)));
}

/// Throws FileError unless this is one digit.
void require_one(const Digit& digit, const Page& page, int factor, const std::filesystem::path& name) {
  constexpr int most_digits = 20;  // more pieces of about the same size are a pattern
  const int size = digit.box.longer();
  if (size * 50 < page.strength.shorter()) {
    throw FileError(name, fmt::format("expected a digit, found only specks of at most {} pixels", size * factor));
  }
  if (digit.count > most_digits) {
    throw FileError(name,
                    fmt::format("expected one digit, found {} pieces, none much larger than the others", digit.count));
  }
  if (digit.count > 1) {
    throw FileError(name, fmt::format("expected one digit, found {}: cut out one of them", digit.count));
  }
}

/// The strongest that paper gets by texture and noise: a high quantile of what is further than `soft` from the digit
/// and from everything else that is as strong.
float level_of_paper(const Page& page, const Digit& digit, const Plane& to_digit, float soft) {
  const Plane to_others = distance_to(digit.others);
  std::vector<float> paper;
  for (std::size_t p = 0; p < to_digit.values.size(); ++p) {
    if (std::min(to_digit.values[p], to_others.values[p]) > soft) paper.push_back(page.smooth.values[p]);
  }
  return quantile(std::move(paper), 0.99);
}

/// Cuts the digit out of the page. The mask ends where ink falls below a third of its strength; the soft edge beyond
/// it, about a pixel of MNIST's, belongs to the digit too.
Ink cut_out(const Page& page, const Digit& digit, float strength) {
  const float soft = std::max(1.5f, 1.2f * float(digit.box.longer()) / 20);
  const Plane distance = distance_to(digit.mask);
  const float faint = std::clamp(level_of_paper(page, digit, distance, soft), 0.05f * strength, 0.2f * strength);
  Ink ink{page.strength, digit.box};
  for (int i = 0; i < ink.strength.rows; ++i) {
    for (int j = 0; j < ink.strength.columns; ++j) {
      float& here = ink.strength(i, j);
      const bool within = distance(i, j) <= soft && !digit.others(i, j);
      here = within ? std::min(here / strength, 1.0f) : 0;
      if (within && page.smooth(i, j) > faint) ink.box = unite(ink.box, {i, i + 1, j, j + 1});
    }
  }
  return ink;
}

/// What the first pass knows of the digit.
struct Sight {
  Paper paper;
  Box sheet, digit;  // in the picture's pixels
  float widest;      // width of its ink where it is widest, in the picture's pixels
};

Sight find_from_afar(const Picture& picture, const std::filesystem::path& name) {
  const Box whole{0, int(picture.rows), 0, int(picture.columns)};
  const int factor = factor_for(whole);
  Tones tones = tones_of(picture, whole, factor);
  const Paper paper = paper_of(tones.tone);
  Box sheet = whole;
  if (paper.where != tones.tone.whole()) {
    sheet = in_picture(paper.where, whole, factor);
    tones = tones_of(picture, sheet, factor);
  }
  const Box all = tones.tone.whole();
  const Page page = page_of(tones, paper, std::max(tones.tone.shorter() / 3, paper.widest * 5 / 4), all);
  const float strength = best_strength(page, all);
  if (strength < faintest) refuse_blank(tones.brightness, name);
  const Digit digit = digit_at(page, std::max(0.35f * strength, 4 * page.noise), strength, all);
  if (digit.count == 0) refuse_blank(tones.brightness, name);
  require_one(digit, page, factor, name);
  return {paper, sheet, in_picture(digit.box, sheet, factor), widest_place(digit.mask) * float(factor)};
}

}  // namespace

Ink find_ink(const Picture& picture, const std::filesystem::path& name) {
  const auto [paper, sheet, where, widest] = find_from_afar(picture, name);
  const int factor = std::max(1, where.longer() / fine_digit), margin = std::max(2, where.longer() * 6 / 10);
  const Box around = grow(where, margin, int(picture.rows), int(picture.columns));
  const Box near = paper.trimmed ? sheet : intersect(around, sheet);
  const Tones tones = tones_of(picture, near, factor);
  const int rows = tones.tone.rows, columns = tones.tone.columns;
  const Box edge{near.top > sheet.top ? -rows : 0, near.bottom < sheet.bottom ? 2 * rows : rows,
                 near.left > sheet.left ? -columns : 0, near.right < sheet.right ? 2 * columns : columns};
  const Box there = in_part(intersect(where, near), near, factor);
  const int size = std::max(6, int(2 * std::min(widest / float(factor), float(there.longer()))));
  const Page page = page_of(tones, paper, size, edge);
  const float strength = best_strength(page, there);
  if (strength < faintest) refuse_blank(tones.brightness, name);
  const Digit digit = digit_at(page, std::max(0.3f * strength, 4 * page.noise), strength, there);
  if (digit.count == 0) refuse_blank(tones.brightness, name);

  Ink ink = cut_out(page, digit, strength);
  fit_strokes(ink, digit);
  return ink;
}

}  // namespace rnn
