module;
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <vector>

module rnn.digits;

// Ten digits and the ways in which people write them. A weight is how many of a hundred write it so; a range is how
// much their writing differs. Wide ranges matter more than handsome shapes: with one tidy template a digit, a network
// that reads 97 of 100 drawn digits reads 77 of MNIST's.
namespace rnn {

namespace {

constexpr bool sharp = true;
using Strokes = std::vector<Stroke>;

void append(Stroke& stroke, const Stroke& more) { stroke.insert(stroke.end(), more.begin(), more.end()); }

/// Part of an ellipse, from one angle to another in degrees: 0 right, 90 foot, 180 left, 270 top.
Stroke arc(float x, float y, float half_width, float half_height, float from, float to) {
  const int pieces = 1 + int(std::abs(to - from) / 35);
  Stroke stroke;
  for (int i = 0; i <= pieces; ++i) {
    const float angle = (from + (to - from) * float(i) / float(pieces)) * std::numbers::pi_v<float> / 180;
    stroke.push_back({x + half_width * std::cos(angle), y + half_height * std::sin(angle)});
  }
  return stroke;
}

Strokes zero(Dice& dice) {
  const float w = dice.uniform(0.18f, 0.54f);
  const float start = dice.uniform(220, 330);
  if (dice.pick({60, 40}) == 0) return {arc(0, 0.5f, w, 0.5f, start, start - dice.uniform(345, 380))};
  // The end runs on past the beginning, inside it or outside.
  const float turn = dice.uniform(370, 430), drift = dice.uniform(-0.2f, 0.15f);
  Stroke stroke = arc(0, 0.5f, w, 0.5f, start, start - turn);
  for (Index i = 0; i < stroke.size(); ++i) {
    const float grown = 1 + drift * float(i) / float(stroke.size());
    stroke[i].x *= grown;
    stroke[i].y = 0.5f + (stroke[i].y - 0.5f) * grown;
  }
  return {stroke};
}

Strokes one(Dice& dice) {
  const Stroke stem = {{0, 0, sharp}, {dice.normal(0, 0.04f), 0.5f}, {0, 1}};
  const int way = dice.pick({85, 10, 5});
  if (way == 0) return {stem};
  Stroke flagged = {{-dice.uniform(0.08f, 0.28f), dice.uniform(0.1f, 0.3f)}};
  append(flagged, stem);
  if (way == 1) return {flagged};
  const float base = dice.uniform(0.15f, 0.3f);
  return {flagged, {{-base, 1}, {base, 1}}};
}

Strokes two(Dice& dice) {
  const float w = dice.uniform(0.2f, 0.42f), belly = dice.uniform(0.18f, 0.36f);
  const float tail = w + dice.uniform(-0.08f, 0.3f);
  Stroke stroke = {{-w, dice.uniform(0.08f, 0.32f)},
                   {-0.5f * w, 0.04f},
                   {dice.uniform(-0.1f, 0.15f), 0},
                   {0.95f * w, belly},
                   {dice.uniform(0.2f, 0.7f) * w, dice.uniform(0.48f, 0.66f)}};
  switch (dice.pick({35, 20, 45})) {
    case 0:  // a flat base
      append(stroke, {{-w, 1, sharp}, {tail, dice.uniform(0.92f, 1.04f)}});
      break;
    case 1:  // a wavy one
      append(stroke, {{-w, 0.97f, sharp},
                      {-0.4f * w, dice.uniform(0.84f, 0.95f)},
                      {0.4f * w, 1},
                      {tail, dice.uniform(0.85f, 0.98f)}});
      break;
    default: {  // a loop at the foot
      const float r = dice.uniform(0.05f, 0.2f), x = -w + r, y = 1 - r, flat = dice.uniform(0.5f, 1);
      append(stroke, arc(x, y + r * (1 - flat), 1.2f * r, r * flat, 60, 300));
      append(stroke, {{x + 2 * r, 1 - 0.7f * r}, {tail, dice.uniform(0.86f, 1.05f)}});
    }
  }
  return {stroke};
}

Strokes three(Dice& dice) {
  const float w = dice.uniform(0.2f, 0.42f), waist = dice.uniform(0.36f, 0.56f);
  const float upper = w * dice.uniform(0.7f, 1), notch = dice.uniform(-0.6f, 0.3f) * w;
  const Stroke foot = {{w, (1 + waist) / 2 + dice.uniform(-0.03f, 0.05f)},
                       {dice.uniform(-0.1f, 0.1f), 1},
                       {-w * dice.uniform(0.7f, 1.2f), dice.uniform(0.8f, 0.98f)}};
  Stroke stroke = {
      {-w * dice.uniform(0.6f, 1), dice.uniform(0.03f, 0.2f)}, {dice.uniform(-0.1f, 0.1f), 0}, {upper, waist / 2}};
  switch (dice.pick({50, 35, 15})) {
    case 0:  // a cusp between the two bellies
      append(stroke, {{notch, waist, sharp}});
      break;
    case 1:  // a rounded notch, or a small loop
      append(stroke, {{notch + 0.25f * w, waist - dice.uniform(0, 0.05f)},
                      {notch, waist},
                      {notch + 0.25f * w, waist + dice.uniform(0, 0.05f)}});
      break;
    default:  // a flat top
      stroke = {{-w, dice.uniform(0, 0.05f)}, {upper, 0, sharp}, {notch, waist, sharp}};
  }
  append(stroke, foot);
  return {stroke};
}

Strokes four(Dice& dice) {
  const float w = dice.uniform(0.2f, 0.42f), bar = dice.uniform(0.4f, 0.68f);
  const float stem = w * dice.uniform(0.1f, 0.9f);
  const float bar_end = stem + dice.uniform(-0.02f, 0.28f);
  const Stroke down = {
      {stem + dice.uniform(-0.05f, 0.12f), dice.uniform(0, 0.3f)}, {stem, bar}, {stem - dice.uniform(-0.05f, 0.1f), 1}};
  switch (dice.pick({50, 40, 10})) {
    case 0:  // open, with corners
      return {{{-w * dice.uniform(0.5f, 1), 0}, {-w, bar, sharp}, {bar_end, bar - dice.uniform(-0.03f, 0.1f)}}, down};
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

Strokes five(Dice& dice) {
  const float w = dice.uniform(0.2f, 0.4f), neck = dice.uniform(0.3f, 0.5f);
  const float left = -w * dice.uniform(0.5f, 1);
  const float bar = left + w * dice.uniform(0.8f, 2.6f), rise = dice.uniform(-0.12f, 0.08f);
  const Stroke belly = {{0.1f * w, neck - dice.uniform(0, 0.08f)},
                        {w, dice.uniform(0.58f, 0.76f)},
                        {dice.uniform(-0.1f, 0.15f), 1},
                        {-w * dice.uniform(0.7f, 1.3f), dice.uniform(0.85f, 1)}};
  const float corner = left - dice.uniform(-0.02f, 0.1f);
  Stroke stroke;
  switch (dice.pick({45, 30, 25})) {
    case 0:  // the bar is a stroke of its own
      stroke = {{left, 0}, {corner, neck, sharp}};
      append(stroke, belly);
      return {stroke, {{left + dice.uniform(-0.02f, 0.08f), dice.uniform(-0.02f, 0.06f)}, {bar, rise}}};
    case 1:  // flowing
      stroke = {{bar, rise}, {left + 0.1f, 0.02f}, {corner + 0.02f, 0.6f * neck}, {corner + 0.08f, neck}};
      break;
    default:  // with corners
      stroke = {{bar, rise}, {left, 0, sharp}, {corner, neck, sharp}};
  }
  append(stroke, belly);
  return {stroke};
}

Strokes six(Dice& dice) {
  const float w = dice.uniform(0.18f, 0.4f), loop = dice.uniform(0.25f, 0.62f) / 2;
  const float top = w * dice.uniform(-0.3f, 1.3f), closing = dice.uniform(300, 420);
  Stroke stroke = {{top, 0}};
  if (dice.pick({60, 40}) == 0)
    append(stroke, {{(top - w) / 2 - dice.uniform(0, 0.12f), dice.uniform(0.2f, 0.35f)}});
  else
    append(stroke, {{(top - w) / 2, 0.4f}});
  append(stroke, {{-w, 0.95f - loop}});
  append(stroke, arc(0, 1 - loop, w, loop, 150, 180 - closing));
  return {stroke};
}

Strokes seven(Dice& dice) {
  const float w = dice.uniform(0.2f, 0.42f), foot = dice.uniform(-0.3f, 0.15f);
  const float left = dice.uniform(0, 0.14f), bend = dice.uniform(-0.04f, 0.1f);
  const Stroke plain = {{-w, left}, {w, 0, sharp}, {(w + foot) / 2 - bend, 0.5f}, {foot, 1}};
  switch (dice.pick({35, 40, 12, 13})) {
    case 0:
      return {plain};
    case 1:  // curved
      return {{{-w, left},
               {0.3f * w, dice.uniform(-0.03f, 0.05f)},
               {w, dice.uniform(0.03f, 0.14f)},
               {(w + foot) / 2, dice.uniform(0.42f, 0.6f)},
               {foot, 1}}};
    case 2:  // barred
      return {plain, {{-dice.uniform(0.1f, 0.25f), 0.52f}, {dice.uniform(0.15f, 0.35f), dice.uniform(0.44f, 0.54f)}}};
    default:  // with a serif
      return {{{-w, dice.uniform(0.14f, 0.32f)},
               {-w, left, sharp},
               {w, 0, sharp},
               {(w + foot) / 2 - bend, 0.5f},
               {foot, 1}}};
  }
}

Strokes eight(Dice& dice) {
  const float w = dice.uniform(0.15f, 0.33f), upper = w * dice.uniform(0.65f, 1.1f);
  const float waist = dice.uniform(0.38f, 0.56f);
  if (dice.pick({75, 25}) == 1)  // two circles
    return {arc(0, waist / 2, upper, waist / 2, 270, -100), arc(0, (1 + waist) / 2, w, (1 - waist) / 2, 270, -100)};
  // One S that crosses itself.
  return {{{upper * dice.uniform(0.5f, 1.1f), dice.uniform(0.05f, 0.2f)},
           {0, 0},
           {-upper, 0.5f * waist},
           {0, waist},
           {w, (1 + waist) / 2},
           {0, 1},
           {-w, (1 + waist) / 2},
           {0, waist},
           {upper * dice.uniform(0.7f, 1.1f), dice.uniform(0.1f, 0.25f)}}};
}

Strokes nine(Dice& dice) {
  const float w = dice.uniform(0.16f, 0.36f), loop = dice.uniform(0.3f, 0.6f) / 2;
  const float foot = dice.uniform(-0.3f, 0.9f) * w;
  Stroke stroke = arc(0, loop, w, loop, dice.uniform(-60, -10), -360);
  switch (dice.pick({45, 40, 15})) {
    case 0:  // a straight leg
      append(stroke, {{w, loop, sharp}, {foot, 1}});
      break;
    case 1:  // a curved one
      append(stroke, {{w * 0.95f, 0.6f}, {foot, 1}});
      break;
    default:  // a hooked one
      append(stroke, {{w * 0.95f, 0.7f}, {0.3f * w, 0.97f}, {-w * dice.uniform(0.5f, 1.2f), dice.uniform(0.82f, 1)}});
  }
  return {stroke};
}

}  // namespace

std::vector<Stroke> skeleton(int digit, Dice& dice) {
  constexpr Strokes (*write[])(Dice&) = {zero, one, two, three, four, five, six, seven, eight, nine};
  return write[digit](dice);
}

}  // namespace rnn
