#include "chapter.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace rnn::testing {

std::string recorded(const std::string& name) { return from_environment("RECORDED_CASES") + "/" + name; }

Settings with_kernel(const std::string& name) {
  Settings settings;
  settings.environment["RNN_KERNEL"] = name;
  return settings;
}

std::vector<std::vector<double>> rows_of(const std::string& csv) {
  std::vector<std::vector<double>> rows;
  std::istringstream lines(csv);
  std::string line, field;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    rows.emplace_back();
    while (std::getline(fields, field, ',')) rows.back().push_back(std::stod(field));
  }
  return rows;
}

Chapter::Chapter(const char* variable) : path_(from_environment(variable)) {}

std::string Chapter::name() const { return std::filesystem::path(path_).filename().string(); }

Result Chapter::run(const Arguments& arguments, const Settings& settings) const {
  return rnn::testing::run(path_, arguments, settings);
}

std::string Chapter::output(const Arguments& arguments, int status, const Settings& settings) const {
  const Result result = run(arguments, settings);
  BOOST_TEST(result.status == status, in_words(arguments) << " ends with " << result.status);
  BOOST_TEST(result.err == "", in_words(arguments) << " complains: " << result.err);
  return result.out;
}

std::string Chapter::json(Arguments arguments, const Settings& settings) const {
  arguments.push_back("--json");
  return output(arguments, 0, settings);
}

void Chapter::agrees_with(const std::string& name) const {
  const std::string table = output({"--replay", recorded(name)});
  BOOST_TEST(contains(table, "outputs          agrees"), name << ": " << table);
  BOOST_TEST(contains(table, "state            agrees"), name << ": " << table);
  BOOST_TEST(json({"--replay", recorded(name)}).starts_with("{\"outputs\":[["), name);
}

void Chapter::refuses(const Arguments& arguments, const std::string& what) const {
  const Result result = run(arguments);
  BOOST_TEST(result.status == 2, in_words(arguments) << " ends with " << result.status);
  BOOST_TEST(result.out == "", in_words(arguments) << " prints " << result.out);
  BOOST_TEST(result.err == name() + ": " + what + "\n");
}

void Chapter::draws_over_nothing() const {
  const Folder folder;
  const std::string text = "{\"inputs\": [[[1]]], \"weights\": {\"w_x\": [[1]], \"w_y\": [[1]], \"b\": [0]}}";
  const std::string recorded_case = folder.file("case", text);
  std::filesystem::create_symlink("case", folder / "link");
  std::filesystem::create_hard_link(recorded_case, folder / "hard");
  for (const char* name : {"case", "./case", "link", "hard"}) {
    refuses({"--replay", recorded_case, "--graph", folder / name},
            "--graph: expected a file of its own, got " + folder / name + ", which is that of --replay");
  }
  BOOST_TEST(folder.read("case") == text);
  folder.file("out", "");
  Settings to_file;
  to_file.stdout_to = folder / "out";
  BOOST_TEST(run({"--graph", folder / "out"}, to_file).status == 2);
  BOOST_TEST(folder.read("out") == "");
  refuses({"--graph", folder / "a.PNG"},
          "--graph: " + folder / "a.PNG" + ": expected a name that ends in .svg: no other pictures are drawn");
}

bool Chapter::contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string Chapter::in_words(const Arguments& arguments) const {
  std::string words = name();
  for (const std::string& argument : arguments) words += " " + argument;
  return words;
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "chapter_XXXXXX").string();
  check(::mkdtemp(name.data()) ? 0 : errno, name.c_str());
  path_ = name;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

std::string Folder::operator/(const std::string& name) const { return (path_ / name).string(); }

std::string Folder::file(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name) << text;
  return *this / name;
}

std::string Folder::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path_ / name).rdbuf();
  return text.str();
}

}  // namespace rnn::testing
