#pragma once
// What most tests include, compiled once for all of them. Each still includes what it needs.

#include <algorithm>
#include <array>
#include <bit>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "chapter.hpp"
#include "processes.hpp"
#include "program.hpp"
