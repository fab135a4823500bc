module;
#include <vector>

module rnn.data.handwriting;

// The other five digits, as in skeletons_0_to_4.cpp.
namespace rnn {

Strokes five(Dice& dice) {
  const float w = dice.uniform(0.22f, 0.44f), neck = dice.uniform(0.3f, 0.5f);
  const float left = -w * dice.uniform(0.5f, 1), corner = left - dice.uniform(-0.02f, 0.1f);
  const float bar = left + w * dice.uniform(0.8f, 2.6f), rise = dice.uniform(-0.22f, 0.06f);
  const Stroke belly = {{0.1f * w, neck - dice.uniform(0, 0.08f)},
                        {w, dice.uniform(0.58f, 0.76f)},
                        {dice.uniform(-0.1f, 0.15f), 1},
                        {-w * dice.uniform(0.7f, 1.3f), dice.uniform(0.85f, 1)}};
  switch (dice.pick({45, 30, 25})) {
    case 0:  // the bar is a stroke of its own
      return {joined({{left, 0}, {corner, neck, sharp}}, belly),
              {{left + dice.uniform(-0.02f, 0.08f), dice.uniform(-0.02f, 0.06f)}, {bar, rise}}};
    case 1:  // flowing
      return {
          joined({{bar, rise}, {left + 0.1f, 0.02f}, {corner + 0.02f, 0.6f * neck}, {corner + 0.08f, neck}}, belly)};
    default:  // with corners
      return {joined({{bar, rise}, {left, 0, sharp}, {corner, neck, sharp}}, belly)};
  }
}

Strokes six(Dice& dice) {
  const float w = dice.uniform(0.18f, 0.4f), height = dice.uniform(0.25f, 0.56f) / 2;
  const float top = w * dice.uniform(-0.7f, 1.1f), middle = (top - w) / 2;
  const Stroke loop = arc(dice.uniform(-0.04f, 0.1f), 1 - height, w, height, 150, dice.uniform(-240, -120));
  const ControlPoint straight = {middle, 0.4f};
  const ControlPoint curved = {middle - dice.uniform(0, 0.12f), dice.uniform(0.2f, 0.35f)};
  return {joined({{top, 0}, dice.pick({60, 40}) == 0 ? curved : straight, {-w, 0.95f - height}}, loop)};
}

Strokes seven(Dice& dice) {
  const float w = dice.uniform(0.2f, 0.42f), start = -w * dice.uniform(0.9f, 1.4f), foot = dice.uniform(-0.3f, 0.15f);
  const float left = dice.uniform(0, 0.14f), bend = dice.uniform(-0.04f, 0.1f);
  const Stroke leg = {{w, 0, sharp}, {(w + foot) / 2 - bend, 0.5f}, {foot, 1}};
  const Stroke plain = joined({{start, left}}, leg);
  switch (dice.pick({35, 40, 12, 13})) {
    case 0: return {plain};
    case 1:  // curved
      return {{{start, left},
               {0.3f * w, dice.uniform(-0.03f, 0.05f)},
               {w, dice.uniform(0.03f, 0.14f)},
               {(w + foot) / 2, dice.uniform(0.42f, 0.6f)},
               {foot, 1}}};
    case 2:  // barred
      return {plain, {{-dice.uniform(0.1f, 0.25f), 0.52f}, {dice.uniform(0.15f, 0.35f), dice.uniform(0.44f, 0.54f)}}};
    default:  // with a serif
      return {joined({{start, dice.uniform(0.14f, 0.32f)}, {start, left, sharp}}, leg)};
  }
}

Strokes eight(Dice& dice) {
  const float w = dice.uniform(0.16f, 0.33f), upper = w * dice.uniform(0.7f, 1.5f);
  const float waist = dice.uniform(0.38f, 0.58f);
  if (dice.pick({75, 25}) == 1)  // two circles
    return {arc(0, waist / 2, upper, waist / 2, 270, -100), arc(0, (1 + waist) / 2, w, (1 - waist) / 2, 270, -100)};
  // One S that crosses itself, and whose ends may miss each other.
  return {{{upper * dice.uniform(0.4f, 1.2f), dice.uniform(0, 0.2f)},
           {0, 0},
           {-upper, 0.5f * waist},
           {0, waist},
           {w, (1 + waist) / 2},
           {0, 1},
           {-w, (1 + waist) / 2},
           {0, waist},
           {upper * dice.uniform(0.7f, 1.4f), dice.uniform(-0.05f, 0.25f)}}};
}

Strokes nine(Dice& dice) {
  const float w = dice.uniform(0.16f, 0.4f), height = dice.uniform(0.3f, 0.6f) / 2;
  const float foot = dice.uniform(-0.3f, 0.9f) * w;
  const Stroke loop = arc(0, height, w, height, dice.uniform(-80, 0), dice.uniform(-375, -335));
  switch (dice.pick({45, 40, 15})) {
    case 0:  // a straight leg
      return {joined(loop, {{w, height, sharp}, {foot, 1}})};
    case 1:  // a curved one
      return {joined(loop, {{0.95f * w, 0.6f}, {foot, 1}})};
    default:  // a hooked one
      return {joined(loop,
                     {{0.95f * w, 0.7f}, {0.3f * w, 0.97f}, {-w * dice.uniform(0.5f, 1.2f), dice.uniform(0.82f, 1)}})};
  }
}

}  // namespace rnn
