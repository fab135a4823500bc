/// MNIST: 60,000 images of handwritten digits for training and 10,000 for testing, as published by Yann LeCun, Corinna
/// Cortes and Christopher Burges. EMNIST's digits and QMNIST, made from the same archive, can be read as well.
export module rnn.formats.mnist;

import rnn.base.std;
import rnn.data.images;
import rnn.linalg.matrix;

export namespace rnn {

/// The folder to read MNIST from: `option` (the value of --data) unless it is empty, else $MNIST_DIR if it is set, else
/// data/mnist. The first one given is the only place: a file that is missing there is an error.
std::filesystem::path find_data_folder(const std::string& option = "");

/// The four files of MNIST, or of a set like it, from `folder`, plain or gzip, laid out as published or as others do
/// it; data/README.md lists the names and folders. EMNIST's images, which are stored transposed, are turned upright.
/// The first `validation_size` of the training images become the validation set.
///
/// If several files could be meant, it takes the one with the checksum of MNIST's own, else the first that can be read
/// and fits its labels; `notes` of the result say which. Throws FileError when a file is missing or bad, or when the
/// files contradict one another; std::invalid_argument when `validation_size` leaves nothing for training.
Splits load_mnist(const std::filesystem::path& folder, Index validation_size = 5000);

/// The same for the test images only; the other files may be missing. Throws FileError.
Splits load_mnist_test(const std::filesystem::path& folder);

}  // namespace rnn

// What the implementation units share. It is not exported, so no importer sees it.
namespace rnn::mnist {

/// A set of digits whose files have names of their own.
struct Collection {
  const char* name;          ///< for messages
  const char* folder;        ///< as torchvision calls it
  const char* prefix;        ///< of every file's name
  const char* test;          ///< what the second part is called; the first is always "train"
  const char* label_format;  ///< the axes and numbers of the labels, as the names have them
  bool transposed;           ///< whether columns are stored as rows
};

/// A file's place in the arrays below.
enum Role { train_images, train_labels, test_images, test_labels };

/// A complete collection: for each role, all files that may be meant, the likeliest first.
struct Found {
  const Collection* collection = nullptr;
  std::filesystem::path folder;
  std::array<std::vector<std::filesystem::path>, 4> files;
};

/// Looks for the files: layouts.cpp. Without `with_training`, those of the training set may be missing. Adds a note if
/// there are several collections. Throws FileError when there is none.
Found find_files(const std::filesystem::path& folder, bool with_training, std::vector<std::string>& notes);

/// A part of a collection, and the file that its images are from.
struct Part {
  Dataset data;
  std::filesystem::path images_file;
};

/// Chooses among the files, reads them and checks that they fit together: parts.cpp.
Part load_part(const Found& found, Role images_role, Role labels_role, std::vector<std::string>& notes);

}  // namespace rnn::mnist
