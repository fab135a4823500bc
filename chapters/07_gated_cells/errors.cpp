module;
#include <fmt/format.h>

#include <cstddef>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module gated_cells.errors;

import rnn.base.file;
import rnn.formats.csv;
import rnn.formats.svg;

using namespace rnn;

namespace gated_cells {

ErrorLog::ErrorLog(const ErrorFiles& files, std::vector<std::string> names)
    : files_(files), names_(std::move(names)), errors_(names_.size()) {
  std::string heading = "    update", columns = "update";
  for (const std::string& name : names_) {
    heading += fmt::format("  {:>8}", name);
    columns += "," + name;
  }
  std::cout << heading << std::endl;
  if (!files_.csv.empty()) csv_ = std::make_unique<CsvTable>(files_.csv, columns);
}

void ErrorLog::add(std::size_t update, const std::vector<double>& errors) {
  std::string line = fmt::format("  {:8}", update), row = fmt::format("{}", update);
  updates_.push_back(double(update));
  for (std::size_t i = 0; i < errors.size(); ++i) {
    line += fmt::format("  {:8.5f}", errors[i]);
    row += fmt::format(",{}", static_cast<float>(errors[i]));
    errors_[i].push_back(errors[i]);
  }
  std::cout << line << std::endl;  // at once: the next one takes its time, and is not worth it where nothing is shown
  if (!std::cout) throw std::runtime_error("cannot write to standard output");
  if (csv_) csv_->append({row});
}

void ErrorLog::draw(double constant_guess) const {
  if (files_.plot.empty()) return;
  Panel panel{.title = "mean squared error on sequences not learned from", .x_axis = "update", .curves = {}};
  const std::ptrdiff_t first = updates_.size() > 1;
  const std::vector<double> x(updates_.begin() + first, updates_.end());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    panel.curves.push_back({names_[i], x, std::vector(errors_[i].begin() + first, errors_[i].end())});
  }
  panel.curves.push_back({"always the same answer", x, std::vector(x.size(), constant_guess)});
  replace_file(files_.plot, to_svg({panel}));
}

}  // namespace gated_cells
