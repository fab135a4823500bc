module;
#include <vector>

module rnn.data.handwriting;

// Ten digits and the ways in which people write them. A weight is how many people in a hundred write it that way; a
// range is how much their writing varies. Wide ranges matter more than handsome shapes: with one tidy template per
// digit, a network that reads 97 of 100 drawn digits reads only 77 of MNIST's.
namespace rnn {

Strokes zero(Dice& dice) {
  const float w = dice.uniform(0.18f, 0.54f);
  const float start = dice.uniform(220, 330);
  if (dice.pick({60, 40}) == 0) return {arc(0, 0.5f, w, 0.5f, start, start - dice.uniform(345, 380))};
  // The end overshoots the beginning, inside it or outside.
  const float turn = dice.uniform(370, 430), drift = dice.uniform(-0.2f, 0.15f);
  Stroke stroke = arc(0, 0.5f, w, 0.5f, start, start - turn);
  std::size_t i = 0;
  for (ControlPoint& point : stroke) {
    const float grown = 1 + drift * float(i++) / float(stroke.size());
    point.x *= grown;
    point.y = 0.5f + (point.y - 0.5f) * grown;
  }
  return {stroke};
}

Strokes one(Dice& dice) {
  const Stroke stem = {{0, 0, sharp}, {dice.normal(0, 0.04f), 0.5f}, {0, 1}};
  const float flag = dice.uniform(0.08f, 0.28f), base = dice.uniform(0.15f, 0.3f);
  const Stroke flagged = joined({{-flag, dice.uniform(0.1f, 0.3f)}}, stem);
  switch (dice.pick({85, 10, 5})) {
    case 0: return {stem};
    case 1: return {flagged};
    default: return {flagged, {{-base, 1}, {base, 1}}};
  }
}

Strokes two(Dice& dice) {
  const float w = dice.uniform(0.22f, 0.48f), belly = dice.uniform(0.18f, 0.36f);
  const float tail = w + dice.uniform(-0.2f, 0.3f);
  const Stroke hook = {{-w, dice.uniform(0.08f, 0.32f)},
                       {-0.5f * w, 0.04f},
                       {dice.uniform(-0.1f, 0.15f), 0},
                       {0.95f * w, belly},
                       {dice.uniform(0.2f, 0.7f) * w, dice.uniform(0.48f, 0.66f)}};
  switch (dice.pick({35, 20, 45})) {
    case 0:  // a flat base
      return {joined(hook, {{-w, 1, sharp}, {tail, dice.uniform(0.92f, 1.04f)}})};
    case 1:  // a wavy one
      return {joined(hook, {{-w, 0.97f, sharp},
                            {-0.4f * w, dice.uniform(0.84f, 0.95f)},
                            {0.4f * w, 1},
                            {tail, dice.uniform(0.85f, 0.98f)}})};
    default: {  // a loop at the foot
      const float r = dice.uniform(0.05f, 0.2f), flat = r * dice.uniform(0.5f, 1), x = r - w;
      const Stroke loop = arc(x, 1 - flat, 1.2f * r, flat, 60, 300);
      return {joined(joined(hook, loop), {{x + 2 * r, 1 - 0.7f * r}, {tail, dice.uniform(0.86f, 1.05f)}})};
    }
  }
}

Strokes three(Dice& dice) {
  const float w = dice.uniform(0.2f, 0.42f), waist = dice.uniform(0.36f, 0.56f);
  const float upper = w * dice.uniform(0.7f, 1), notch = dice.uniform(-0.5f, 0.3f) * w;
  const Stroke top = {
      {-w * dice.uniform(0.6f, 1.3f), dice.uniform(0.03f, 0.26f)}, {dice.uniform(-0.1f, 0.1f), 0}, {upper, waist / 2}};
  const Stroke foot = {{w, (1 + waist) / 2 + dice.uniform(-0.03f, 0.05f)},
                       {dice.uniform(-0.1f, 0.1f), 1},
                       {-w * dice.uniform(0.7f, 1.5f), dice.uniform(0.76f, 1)}};
  switch (dice.pick({50, 35, 15})) {
    case 0:  // a cusp between the two bellies
      return {joined(joined(top, {{notch, waist, sharp}}), foot)};
    case 1: {  // a rounded notch, or a small loop
      const Stroke round = {{notch + 0.25f * w, waist - dice.uniform(0, 0.05f)},
                            {notch, waist},
                            {notch + 0.25f * w, waist + dice.uniform(0, 0.05f)}};
      return {joined(joined(top, round), foot)};
    }
    default:  // a flat top
      return {joined({{-w, dice.uniform(0, 0.05f)}, {upper, 0, sharp}, {notch, waist, sharp}}, foot)};
  }
}

Strokes four(Dice& dice) {
  const float w = dice.uniform(0.24f, 0.5f), bar = dice.uniform(0.4f, 0.68f);
  const float stem = w * dice.uniform(0.15f, 0.9f);
  const float bar_end = stem + dice.uniform(-0.02f, 0.28f);
  const Stroke down = {
      {stem + dice.uniform(-0.03f, 0.2f), dice.uniform(0, 0.3f)}, {stem, bar}, {stem - dice.uniform(-0.05f, 0.15f), 1}};
  switch (dice.pick({50, 40, 10})) {
    case 0:  // open, with corners
      return {{{-w * dice.uniform(0.6f, 1.1f), 0}, {-w, bar, sharp}, {bar_end, bar - dice.uniform(-0.03f, 0.1f)}},
              down};
    case 1:  // a round cup
      return {{{-w * dice.uniform(0.7f, 1.1f), 0},
               {-w, 0.6f * bar},
               {-0.6f * w, bar},
               {0.2f * stem, bar},
               {stem, bar - dice.uniform(0.02f, 0.2f)}},
              down};
    default:  // closed at the top, as printed
      return {{{stem, 0, sharp}, {-w, bar, sharp}, {bar_end, bar}}, {{stem, 0}, {stem, 1}}};
  }
}

}  // namespace rnn
