#pragma once
// The ways in which pictures of digits differ from MNIST's: what people, paper, light and cameras add.

#include <cmath>
#include <string>
#include <vector>

#include "drawn_pictures.hpp"

namespace rnn::testing {

struct PictureKind {
  std::string name;
  Picture (*draw)(const Canvas& ink, Dice& dice);
};

inline double squared(double x) { return x * x; }

inline const std::vector<PictureKind>& noise_and_dirt() {
  static const std::vector<PictureKind> kinds{
      {"clean", [](const Canvas& ink, Dice&) { return gray(black(ink)); }},
      {"noise of 2", [](const Canvas& ink, Dice& dice) { return gray(noisy(pencil(ink), 2, dice)); }},
      {"noise of 6", [](const Canvas& ink, Dice& dice) { return gray(noisy(pencil(ink), 6, dice)); }},
      {"noise of 10", [](const Canvas& ink, Dice& dice) { return gray(noisy(pencil(ink), 10, dice)); }},
      {"noise of 16", [](const Canvas& ink, Dice& dice) { return gray(noisy(pencil(ink), 16, dice)); }},
      {"noise of 25", [](const Canvas& ink, Dice& dice) { return gray(noisy(pencil(ink), 25, dice)); }},
      {"coarse grain",
       [](const Canvas& ink, Dice& dice) {
         const Canvas grain = blurred(noisy(dyed(ink, 0, 0), 40, dice), 1);
         return gray(changed(pencil(ink), [&](double here, int i, int j) { return here + grain(i, j); }));
       }},
      {"noise of 8 on dark paper",
       [](const Canvas& ink, Dice& dice) { return gray(noisy(dyed(ink, 110, 20), 8, dice)); }},
      {"noise in small pictures",
       [](const Canvas& ink, Dice& dice) { return gray(noisy(pencil(shrunk(ink, 4)), 6, dice)); }},
      {"a speck", [](const Canvas& ink, Dice&) { return gray(specked(black(ink), {2}, 40)); }},
      {"specks", [](const Canvas& ink, Dice&) { return gray(specked(black(ink), {2, 5, 9, 12}, 20)); }},
      {"crumbs", [](const Canvas& ink, Dice& dice) { return gray(scattered(black(ink), 40, 1, 4, dice)); }},
      {"blots", [](const Canvas& ink, Dice& dice) { return gray(scattered(black(ink), 3, 6, 12, dice)); }},
      {"dust", [](const Canvas& ink, Dice& dice) { return gray(dusty(pencil(ink), 0.02, dice)); }},
      {"blurred", [](const Canvas& ink, Dice&) { return gray(blurred(black(ink), 5)); }},
  };
  return kinds;
}

inline const std::vector<PictureKind>& frames_and_lines() {
  static const std::vector<PictureKind> kinds{
      {"a frame", [](const Canvas& ink, Dice&) { return gray(framed(black(ink), 1, 0, 0, "tblr")); }},
      {"a wider frame", [](const Canvas& ink, Dice&) { return gray(framed(black(ink), 3, 0, 0, "tblr")); }},
      {"a thick frame", [](const Canvas& ink, Dice&) { return gray(framed(black(ink), 12, 0, 0, "tblr")); }},
      {"a gray frame", [](const Canvas& ink, Dice&) { return gray(framed(black(ink), 4, 150, 0, "tblr")); }},
      {"a frame within", [](const Canvas& ink, Dice&) { return gray(framed(black(ink), 3, 0, 10, "tblr")); }},
      {"a frame off the center",
       [](const Canvas& ink, Dice&) {
         const Canvas inner = framed(ink, 3, 1, 0, "tblr");
         return gray(black(placed(inner, 290, 330, 20, 90)));
       }},
      {"two frames",
       [](const Canvas& ink, Dice&) { return gray(framed(framed(black(ink), 2, 0, 3, "tblr"), 2, 0, 9, "tblr")); }},
      {"half a frame", [](const Canvas& ink, Dice&) { return gray(framed(black(ink), 5, 0, 0, "tl")); }},
      {"a bar", [](const Canvas& ink, Dice&) { return gray(framed(black(ink), 14, 0, 0, "l")); }},
      {"a black frame, gray ink",
       [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 220, 150), 3, 0, 0, "tblr")); }},
      {"a white frame, white ink",
       [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 0, 255), 4, 255, 0, "tblr")); }},
      {"a frame and noise",
       [](const Canvas& ink, Dice& dice) { return gray(noisy(framed(pencil(ink), 2, 40, 0, "tblr"), 8, dice)); }},
      {"grid paper", [](const Canvas& ink, Dice&) { return gray(ruled(black(ink), 28, 1, 0, 150, true)); }},
      {"black grid", [](const Canvas& ink, Dice&) { return gray(ruled(black(ink), 40, 2, 0, 0, true)); }},
      {"ruled paper", [](const Canvas& ink, Dice&) { return gray(ruled(black(ink), 36, 2, 0, 130, false)); }},
      {"turned lines", [](const Canvas& ink, Dice&) { return gray(ruled(black(ink), 32, 2, 0.04, 120, false)); }},
      {"turned grid and noise",
       [](const Canvas& ink, Dice& dice) { return gray(noisy(ruled(pencil(ink), 30, 1, 0.03, 160, true), 6, dice)); }},
      {"blue lines, red margin",
       [](const Canvas& ink, Dice&) {
         const Canvas paper = ruled(black(ink), 32, 2, 0, 150, false);
         const Canvas margin = framed(dyed(ink, 255, 255), 2, 120, 24, "l");
         const Canvas other = changed(paper, [&](double here, int i, int j) { return std::min(here, margin(i, j)); });
         const Canvas blue =
             changed(black(ink), [&](double here, int i, int j) { return std::min(here, margin(i, j)); });
         return to_picture({&paper, &other, &blue});
       }},
  };
  return kinds;
}

inline const std::vector<PictureKind>& light_and_color() {
  static const std::vector<PictureKind> kinds{
      {"dark paper", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 110, 0)); }},
      {"very dark paper", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 50, 0)); }},
      {"white on gray", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 150, 255)); }},
      {"white on black", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 0, 255)); }},
      {"hardly any contrast", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 128, 114)); }},
      {"darker to the right",
       [](const Canvas& ink, Dice&) { return shaded(ink, [](double x, double) { return 1 - 0.39 * x; }); }},
      {"darker to the left",
       [](const Canvas& ink, Dice&) { return shaded(ink, [](double x, double) { return 0.4 + 0.6 * x; }); }},
      {"darker downwards",
       [](const Canvas& ink, Dice&) { return shaded(ink, [](double, double y) { return 1 - 0.6 * y; }); }},
      {"darker upwards",
       [](const Canvas& ink, Dice&) { return shaded(ink, [](double, double y) { return 0.5 + 0.5 * y; }); }},
      {"a dark corner",
       [](const Canvas& ink, Dice&) { return shaded(ink, [](double x, double y) { return 1 - 0.35 * (x + y); }); }},
      {"dark corners",
       [](const Canvas& ink, Dice&) {
         return shaded(ink, [](double x, double y) { return 1 - 1.2 * (squared(x - 0.5) + squared(y - 0.5)); });
       }},
      {"a lamp",
       [](const Canvas& ink, Dice&) {
         return shaded(
             ink, [](double x, double y) { return 0.5 + 0.5 * std::exp(-12 * (squared(x - 0.3) + squared(y - 0.3))); });
       }},
      {"a hard shadow",
       [](const Canvas& ink, Dice&) {
         return shaded(ink, [](double x, double y) { return x + 0.5 * y > 0.8 ? 0.55 : 1.0; });
       }},
      {"a soft shadow",
       [](const Canvas& ink, Dice&) {
         return shaded(ink, [](double x, double y) { return 1 - 0.5 / (1 + std::exp(-30 * (y - 0.3 * x - 0.4))); });
       }},
      {"white on dark, brighter to the left",
       [](const Canvas& ink, Dice&) {
         return gray(lit(dyed(ink, 70, 250), [](double x, double) { return 1 - 0.5 * x; }));
       }},
      {"a photograph",
       [](const Canvas& ink, Dice& dice) {
         const Canvas page = specked(ruled(pencil(ink), 36, 2, 0.02, 180, false), {2, 4}, 60);
         return gray(noisy(lit(page, [](double x, double y) { return 0.9 - 0.35 * x - 0.1 * y; }), 5, dice));
       }},
      {"red on white", [](const Canvas& ink, Dice&) { return colored(ink, {255, 255, 255}, {220, 40, 40}); }},
      {"yellow on white", [](const Canvas& ink, Dice&) { return colored(ink, {255, 255, 255}, {250, 220, 40}); }},
      {"red on green, as bright",
       [](const Canvas& ink, Dice&) { return colored(ink, {90, 160, 90}, {190, 115, 110}); }},
      {"blue on light blue", [](const Canvas& ink, Dice&) { return colored(ink, {170, 200, 240}, {40, 60, 140}); }},
      {"chalk on a blackboard", [](const Canvas& ink, Dice&) { return colored(ink, {30, 70, 50}, {230, 230, 220}); }},
  };
  return kinds;
}

inline const std::vector<PictureKind>& pages_and_cuts() {
  static const std::vector<PictureKind> kinds{
      {"an image of MNIST", [](const Canvas& ink, Dice&) { return gray(dyed(shrunk(ink, scale), 0, 255)); }},
      {"two pixels for one", [](const Canvas& ink, Dice&) { return gray(black(shrunk(ink, scale / 2))); }},
      {"a wide page", [](const Canvas& ink, Dice&) { return gray(black(placed(ink, 260, 1500, 20, 1200))); }},
      {"a tall page", [](const Canvas& ink, Dice&) { return gray(black(placed(ink, 1300, 240, 900, 8))); }},
      {"a large page", [](const Canvas& ink, Dice&) { return gray(dyed(placed(ink, 900, 900, 640, 30), 240, 20)); }},
      {"small on a large page",
       [](const Canvas& ink, Dice& dice) {
         return gray(noisy(dyed(placed(shrunk(ink, 4), 700, 900, 500, 200), 240, 20), 3, dice));
       }},
      {"a sheet on a table",
       [](const Canvas& ink, Dice& dice) {
         return gray(noisy(placed(dyed(ink, 225, 40), 400, 400, 90, 80, 60), 3, dice));
       }},
      {"opaque on transparent",
       [](const Canvas& ink, Dice&) {
         const Canvas level = dyed(ink, 0, 0), opacity = dyed(ink, 0, 255);
         return to_picture({&level, &opacity});
       }},
      {"transparent on opaque",
       [](const Canvas& ink, Dice&) {
         const Canvas level = dyed(ink, 255, 255), opacity = dyed(ink, 255, 0);
         return to_picture({&level, &opacity});
       }},
      {"white, opaque, on transparent",
       [](const Canvas& ink, Dice&) {
         const Canvas level = dyed(ink, 255, 255), opacity = dyed(ink, 0, 255);
         return to_picture({&level, &opacity});
       }},
      {"trimmed, opaque on transparent",
       [](const Canvas& ink, Dice&) {
         const Canvas cut = trimmed(widened(ink, 0));
         const Canvas level = dyed(cut, 0, 0), opacity = dyed(cut, 0, 255);
         return to_picture({&level, &opacity});
       }},
      {"bold and trimmed, opaque on transparent",
       [](const Canvas& ink, Dice&) {
         const Canvas cut = trimmed(widened(ink, 6));
         const Canvas level = dyed(cut, 0, 0), opacity = dyed(cut, 0, 255);
         return to_picture({&level, &opacity});
       }},
      {"trimmed", [](const Canvas& ink, Dice&) { return gray(black(trimmed(widened(ink, 0)))); }},
      {"trimmed, with a margin", [](const Canvas& ink, Dice&) { return gray(black(margin(trimmed(ink), 3))); }},
      {"trimmed, white on black",
       [](const Canvas& ink, Dice&) { return gray(dyed(trimmed(widened(ink, 0)), 0, 255)); }},
      {"bold and trimmed", [](const Canvas& ink, Dice&) { return gray(black(trimmed(widened(ink, 6)))); }},
      {"bold", [](const Canvas& ink, Dice&) { return gray(black(widened(ink, 6))); }},
      {"a thin pen", [](const Canvas& ink, Dice&) { return gray(black(widened(ink, -3))); }},
  };
  return kinds;
}

}  // namespace rnn::testing
