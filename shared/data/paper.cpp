module;
#include <algorithm>
#include <utility>
#include <vector>

module rnn.data.paper;

namespace rnn {

namespace {

/// Whether the ink is darker than the paper: whether tones near edges lie below the local median, which is paper's.
bool leans_dark(const Plane& tone) {
  const int factor = std::max(1, tone.shorter() / 48);
  const Plane small = shrink(tone, factor),
              around = enlarge(median(small, std::max(1, small.shorter() / 6)), factor, tone);
  double lean = 0;
  for (int i = 1; i + 1 < tone.rows; ++i) {
    for (int j = 1; j + 1 < tone.columns; ++j) {
      const float down = tone(i + 1, j) - tone(i - 1, j), over = tone(i, j + 1) - tone(i, j - 1);
      lean += double(tone(i, j) - around(i, j)) * double(down * down + over * over);
    }
  }
  return lean < 0;
}

/// A picture in its two tones.
struct TwoTones {
  Plane tone;
  Levels levels;
  Mask bright, dark;
};

/// Fills in what follows from which of the two tones is the paper.
Paper described(Paper paper, bool brighter, const TwoTones& picture, int factor) {
  const auto& [tone, levels, bright, dark] = picture;
  paper.brighter = brighter;
  paper.tone = brighter ? levels.bright : levels.dark;
  if (!levels.only) return paper;
  const Plane to_ink = distance_to(brighter ? dark : bright), to_paper = distance_to(brighter ? bright : dark);
  const float soft_edge = 1 + 0.06f * float(tone.shorter());
  std::vector<float> values;
  for (std::size_t p = 0; p < tone.values.size(); ++p) {
    if (to_ink.values[p] > soft_edge) values.push_back(tone.values[p]);
  }
  paper.even = quantile(values, 0.95) - quantile(values, 0.05) < 0.15f * levels.contrast();
  paper.widest = int(2 * std::min(std::ranges::max(to_paper.values), float(tone.shorter()))) * factor;
  return paper;
}

}  // namespace

Paper paper_of(const Plane& all) {
  constexpr int enough = 256;  // pixels along the shorter side
  const int factor = std::max(1, all.shorter() / enough);
  TwoTones picture{shrink(all, factor), {}, {}, {}};
  const float noise = noise_of(all) / 2;
  picture.levels = levels_of(picture.tone, noise);
  if (picture.tone.shorter() >= 32) {  // without dust, unless that takes thin strokes for dust
    Plane clean = median(picture.tone, 1);
    const Levels levels = levels_of(clean, noise);
    if (levels.only || !picture.levels.only) picture.tone = std::move(clean), picture.levels = levels;
  }
  picture.bright = above(picture.tone, picture.levels.threshold), picture.dark = inverse(picture.bright);

  Paper paper;
  paper.where = all.whole();
  const auto decide = [&](bool brighter) { return described(paper, brighter, picture, factor); };
  if (!picture.levels.only) return decide(leans_dark(picture.tone));
  for (const bool ink_is_bright : {false, true}) {
    paper.trimmed = is_trimmed(ink_is_bright ? picture.bright : picture.dark);
    if (paper.trimmed) return decide(!ink_is_bright);
  }
  const double edge = share_of_edge(picture.bright);
  if (edge > 0.8 || edge < 0.2) {
    const bool around_is_bright = edge > 0.5;
    const Box inside = sheet(around_is_bright ? picture.dark : picture.bright);
    if (inside == Box{}) return decide(around_is_bright);
    paper.where = intersect({inside.top * factor, inside.bottom * factor, inside.left * factor, inside.right * factor},
                            all.whole());
    return decide(!around_is_bright);
  }
  return decide(leans_dark(picture.tone));
}

}  // namespace rnn
