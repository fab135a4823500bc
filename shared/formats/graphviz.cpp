module;
#include <chrono>
#include <filesystem>
#include <string>

module rnn.formats.dot;

import rnn.autodiff.graph;
import rnn.base.error;
import rnn.base.file;
import rnn.base.filter;

namespace rnn {

/// The drawing that `dot -Tsvg` makes of it.
static std::string drawing(const std::string& dot, const std::filesystem::path& path, std::chrono::milliseconds limit) {
  const std::string otherwise = "; a file name that ends in .dot needs no drawing";
  const auto [end, text] = filter({"dot", "-Tsvg"}, dot, limit);
  switch (end) {
    case Filtered::End::done: return text;
    case Filtered::End::not_found:
      throw FileError(path, "expected Graphviz's program dot to draw it, found none (" + text + ")" + otherwise);
    case Filtered::End::too_late: {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
      throw FileError(path, "cannot be drawn: Graphviz's program dot is not done after " + std::to_string(seconds) +
                                " s" + otherwise);
    }
    case Filtered::End::failed: break;
  }
  throw FileError(path, "cannot be drawn: Graphviz's program dot failed");
}

void write_graph(const std::filesystem::path& path, const Graph& graph, const std::string& title,
                 std::chrono::milliseconds limit) {
  const std::string dot = to_dot(graph, title);
  replace_file(path, has_extension(path, ".svg") ? drawing(dot, path, limit) : dot);
}

}  // namespace rnn
