#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>

// For tests with real data, which are skipped where there is none.

/// The exit status that tells Meson that nothing was tested.
inline constexpr int skipped = 77;

inline int failures = 0;

inline void check(bool right, const char* what) {
  std::printf("%s: %s\n", right ? "ok" : "FAILED", what);
  if (!right) ++failures;
}

/// The folder in this environment variable, else the one that the program's first argument names.
inline std::filesystem::path folder_of_data(const char* variable, int count, char** arguments) {
  if (const char* folder = std::getenv(variable)) return folder;
  return count > 1 ? arguments[1] : "";
}
