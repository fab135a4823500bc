#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;
import rnn.training.optimizers;

using namespace rnn;
using namespace exercise;

static Moments fresh(Index size) { return {Matrix(1, size, Real(0)), Matrix(1, size, Real(0)), 0}; }

const std::vector<Test> exercise::tests = {
    {"the first step is as long as the learning rate, however large the gradient",
     [] {
       Matrix w(1, 2, Real(0)), g(1, 2), expected(1, 2);
       g(0, 0) = 100, g(0, 1) = Real(-0.01);
       expected(0, 0) = Real(-0.5), expected(0, 1) = Real(0.5);
       Moments moments = fresh(2);
       adam_step(w, g, moments, 0.5);
       compare("w", w, expected, "1 - β^k with k = 1 in the first step, and the sign of the step");
     }},
    {"the moments and the count are kept",
     [] {
       Matrix w(1, 1, Real(0)), g(1, 1, Real(2));
       Moments moments = fresh(1);
       adam_step(w, g, moments, 0.1);
       compare("m", moments.m(0, 0), 0.2, "m = β₁·m + (1 - β₁)·g, without the correction");
       compare("v", moments.v(0, 0), 0.004, "v = β₂·v + (1 - β₂)·g², without the correction");
       compare("steps", double(moments.steps), 1, "each step adds one to the count");
     }},
    {"fifty steps agree with the library's Adam",
     [] {
       Matrix w = random_matrix(1, 20, 1), expected = w;
       Moments moments = fresh(20);
       Adam adam(20, {.learning_rate = Real(0.01)});
       for (unsigned t = 0; t < 50; ++t) {
         const Matrix g = random_matrix(1, 20, 2 + t);
         adam_step(w, g, moments, 0.01);
         adam.step(expected, g);
       }
       compare("w", w, expected, "what changes from step to step: k, m and v", 1e-4);
     }},
};
