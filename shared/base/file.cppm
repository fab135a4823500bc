/// Whole files: read in one go, and replaced so that a crash leaves either the old one or the new one.
export module rnn.base.file;

import rnn.base.descriptor;
import rnn.base.error;
import rnn.base.std;

export namespace rnn {

/// The bytes of a file. Throws FileError when it cannot be read, is a directory, or holds more than `largest` bytes.
std::string read_file(const std::filesystem::path& path, std::size_t largest = std::size_t(1) << 30);

/// The same, with a limit that depends on the file's first bytes (65536, or all of a smaller file): a file of another
/// kind, or one that never ends, is not read to the end just to find that out. Exceptions from `largest` pass through.
std::string read_file(const std::filesystem::path& path, const std::function<std::size_t(std::string_view)>& largest);

/// Makes `bytes` the content of the file. They are written to a private file beside it, synced, and renamed: at any
/// moment the file is the old one or the new one, even if somebody else replaces it at the same time. Mode, owner and
/// access list are kept. Links are kept too: the file that they point to is replaced or created. Three kinds of files
/// are written in place: one that cannot be replaced (a mount point, or in a folder where no file can be created),
/// which causes a notice; a special file, such as a pipe, once somebody reads it; and /dev/stdout or /dev/fd/N, which
/// is whatever this program has open there. Throws FileError on failure; the old file is then as it was.
void replace_file(const std::filesystem::path& path, std::string_view bytes);

/// Throws FileError unless read_file can open the file.
void require_readable(const std::filesystem::path& path);

/// Throws FileError unless replace_file can write the file, as far as that can be checked in advance. The check may
/// create a small file in the folder and remove it again; the file itself is not touched.
void require_writable(const std::filesystem::path& path);

/// The same for a folder in which files will be created, and which will be created itself if it is missing.
void require_folder_writable(const std::filesystem::path& path);

/// True when both names refer to one file, through links too, or will once it is created. A file that keeps nothing
/// (/dev/null, a terminal) is never the same as another: nothing can be lost there.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// True when the program has the regular file of this name open as `descriptor`, for example because stdout was
/// redirected to it. A name of the descriptor itself, such as /dev/stdout, does not count: it means just that.
bool is_open_as(int descriptor, const std::filesystem::path& path);

/// True for a pipe, a device, and what the program itself has open (/dev/stdout): what is written there a second time
/// does not replace the first, but follows it.
bool is_stream(const std::filesystem::path& path);

/// A file that begins with some bytes and then grows.
class GrowingFile {
 public:
  /// Replaces the file. A pipe stays open from now on, so that its reader sees one file. Throws FileError.
  GrowingFile(std::filesystem::path path, std::string_view beginning);

  /// Appends the bytes. Throws FileError when not all of them can be written; the file then ends where it did before.
  void append(std::string_view bytes);

 private:
  std::filesystem::path path_;
  Descriptor pipe_;
  int stream_ = -1;  // where the bytes go if this is not a regular file
};

/// Where bytes were kept, and what was wrong with the place where they belong; "" when they are there.
struct Kept {
  std::filesystem::path path;
  std::string problem;
};

/// Writes bytes that must not be lost: to `path`, or else where save_under_another_name does. Throws FileError, for
/// `path`, when all of these fail.
Kept save_somewhere(const std::filesystem::path& path, std::string_view bytes);

/// The same without `path` itself: under an unused name like it in its folder, the current folder, $TMPDIR, /tmp,
/// /var/tmp or the user's home. Returns that name; an empty path when all of these fail.
std::filesystem::path save_under_another_name(const std::filesystem::path& path, std::string_view bytes);

/// True when the name ends in `extension` (".svg"), in lower or upper case.
bool has_extension(const std::filesystem::path& path, std::string_view extension);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// What a name refers to after following its links.
struct Target {
  enum class Kind { missing, ordinary, folder, stream, descriptor };
  Kind kind = Kind::missing;
  std::filesystem::path path;              // of the file itself
  int descriptor = -1;                     // of this process
  std::uint64_t device = 0, inode = 0;     // of the existing file
  bool is_pipe = false, keeps_all = true;  // a pipe; false for a terminal or /dev/null

  /// The folder that holds the file, or will.
  inline std::filesystem::path folder() const { return path.has_parent_path() ? path.parent_path() : "."; }
};

/// Throws std::system_error for an impossible name: through a regular file, too long, links in a circle.
Target target_of(const std::filesystem::path& path);

/// Throws std::system_error.
[[noreturn]] void fail_with(int error);

/// Creates a file beside `target` under a new name, and opens it for writing. The name is made from the target's, and
/// is no longer than that unless the target's is very short, so a file system that accepts one accepts the other. On
/// failure nothing is open, and errno says why.
struct Neighbor {
  Descriptor file;
  std::string name;
};
Neighbor make_neighbor(int folder, const std::string& target);
std::string neighbors_name(const std::string& target);
/// Letters and digits that nobody can guess: two programs hardly ever choose the same ten.
std::string random_letters(std::size_t count);

/// Whether the system only refuses to create this file here, or to give it that name: it can still be written in place.
/// Any other error (a full disk, a missing folder) would occur there as well.
bool is_refusal(int error);

/// Writes to a special file. Throws std::system_error.
void write_stream(const Target& target, std::string_view bytes);
/// Opens a special file.
Descriptor open_stream(const Target& target);

/// The error, as a message for the person who gave the name.
FileError cannot(const std::filesystem::path& path, const char* be_done, int error);

}  // namespace rnn
