#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../support/matrices.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.ranks;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.training.chain;
import rnn.training.data_parallel;
import rnn.training.shards;

using namespace rnn;
using rnn::testing::same_bits;

namespace {

/// What threads of this process tell one another, as if each were a process.
class Mail {
 public:
  void put(int from, int to, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    boxes_[{from, to}].emplace_back(bytes.begin(), bytes.end());
    arrived_.notify_all();
  }
  void take(int from, int to, std::span<std::byte> bytes) {
    std::unique_lock lock(mutex_);
    auto& box = boxes_[{from, to}];
    arrived_.wait(lock, [&] { return !box.empty(); });
    if (box.front().size() != bytes.size()) throw std::length_error("another number of bytes was sent");
    std::ranges::copy(box.front(), bytes.begin());
    box.pop_front();
  }
  bool is_empty() const {
    return std::ranges::all_of(boxes_, [](const auto& box) { return box.second.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::pair<int, int>, std::deque<std::vector<std::byte>>> boxes_;
};

/// Sends late: what was changed before `finish_sends` would arrive changed.
class ThreadRanks final : public Ranks {
 public:
  ThreadRanks(Mail& mail, int rank, int count, bool late) : mail_(mail), rank_(rank), count_(count), late_(late) {}
  int rank() const override { return rank_; }
  int count() const override { return count_; }
  void send(int to, std::span<const std::byte> bytes) override {
    waiting_.emplace_back(to, bytes);
    if (!late_) finish_sends();
  }
  void finish_sends() override {
    for (const auto& [to, bytes] : waiting_) mail_.put(rank_, to, bytes);
    waiting_.clear();
  }
  void receive(int from, std::span<std::byte> bytes) override { mail_.take(from, rank_, bytes); }
  void broadcast(int from, std::span<std::byte> bytes) override {
    if (rank_ != from) return receive(from, bytes);
    for (int to = 0; to < count_; ++to) {
      if (to != from) mail_.put(from, to, bytes);
    }
  }

 private:
  Mail& mail_;
  int rank_, count_;
  bool late_;
  std::vector<std::pair<int, std::span<const std::byte>>> waiting_;
};

/// Numbers whose sum depends on the order in which they are added.
Real uneven(Index shard) { return (shard % 2 ? Real(-1) : Real(1)) / 3 * Real(std::pow(10, int(shard * 7 % 17) - 8)); }

constexpr Index columns = 20000;  // several pieces, the last of them shorter

/// What a sum of uneven gradients, losses and measures comes to, what the losses leave behind for each example, and
/// which shards were computed.
struct Sums {
  Matrix gradients{1, columns, Real(7)}, rows;
  double loss = 0, measured[2] = {7, 7};
  std::vector<Index> computed;
  bool begins_anew = true;  // each shard has a tape on which there is nothing
};

void add_up(ShardSum& sum, Index examples, const Matrix& weights, Sums& sums) {
  std::mutex mutex;
  sums.rows = Matrix(examples, 3, Real(7));
  const auto loss = [&](Tape& tape, const Shard& shard, View gradients) {
    {
      const std::lock_guard lock(mutex);
      sums.computed.push_back(shard.number);
      sums.begins_anew = sums.begins_anew && tape.size() == 0;
    }
    fill(View(sums.rows).rows_from(shard.first, shard.count), uneven(shard.number));
    return scale(rnn::sum(multiply(tape.parameter("w", weights, gradients), tape.constant(weights))),
                 uneven(shard.number));
  };
  sums.loss = sum.gradient(examples, sums.gradients, loss, sums.rows);
  const auto measure = [&](Tape& tape, const Shard& shard, std::span<double> numbers) {
    {
      const std::lock_guard lock(mutex);
      sums.begins_anew = sums.begins_anew && tape.size() == 0;
    }
    static_cast<void>(tape.constant(weights));
    numbers[0] = double(uneven(shard.number));
    numbers[1] = double(shard.count) / 3;
  };
  sum.sums(examples, measure, sums.measured);
}

std::vector<Sums> add_up_on(int count, unsigned threads, Index examples, const Matrix& weights, bool late) {
  Mail mail;
  std::vector<Sums> all(count);
  std::vector<std::thread> processes;
  for (int rank = 0; rank < count; ++rank) {
    processes.emplace_back([&, rank] {
      ThreadRanks ranks(mail, rank, count, late);
      Chain chain(ranks, threads);
      add_up(chain, examples, weights, all[rank]);
    });
  }
  for (std::thread& process : processes) process.join();
  BOOST_TEST(mail.is_empty());
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_chain_of_any_number_of_processes_adds_up_to_the_bits_of_one) {
  Matrix weights(1, columns);
  for (Index i = 0; i < columns; ++i) weights(0, i) = Real(1) + Real(i % 97) / 7;
  // Fewer shards than processes; shards that the processes do not divide; as many as fill a round; several rounds.
  DataParallel one(1);
  for (const Index examples : {Index(1), Index(3), Index(230), Index(1000), Index(6400), Index(10150)}) {
    Sums want;
    add_up(one, examples, weights, want);
    for (const int count : {1, 2, 3, 4, 7}) {
      for (const unsigned threads : {1u, 2u}) {
        const std::vector<Sums> all = add_up_on(count, threads, examples, weights, threads == 2);
        std::vector<Index> computed;
        for (const Sums& got : all) {
          const std::string what = std::to_string(examples) + " examples on " + std::to_string(count) + " processes";
          BOOST_TEST(same_bits(got.gradients, want.gradients), what);
          BOOST_TEST(got.loss == want.loss, what);
          BOOST_TEST(got.measured[0] == want.measured[0], what);
          BOOST_TEST(got.measured[1] == want.measured[1], what);
          BOOST_TEST(same_bits(got.rows, want.rows), what);
          BOOST_TEST((got.begins_anew && want.begins_anew), what);
          computed.insert(computed.end(), got.computed.begin(), got.computed.end());
        }
        std::ranges::sort(computed);  // each by one process
        std::ranges::sort(want.computed);
        BOOST_TEST((computed == want.computed));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(weights_that_have_changed_since_the_last_sum_are_those_that_count) {
  Mail mail;
  ThreadRanks alone(mail, 0, 1, false);
  DataParallel parallel(1);
  Chain chain(alone, 1);
  const Matrix ones(1, 16, Real(1));
  for (ShardSum* all : {static_cast<ShardSum*>(&parallel), static_cast<ShardSum*>(&chain)}) {
    Matrix weights(16, 16), gradients(1, 16);
    // A tape keeps what it has packed, as long as it is told that nothing has changed.
    const auto sum_of_a_column = [&](Tape& tape) {
      const View sums = tape.workspace(1, 16);
      fill(sums, Real(0));
      add_product(ones, tape.packed(weights), sums);
      return sums(0, 3);
    };
    const auto loss = [&](Tape& tape, const Shard&, View slopes) {
      return scale(rnn::sum(tape.parameter("ones", ones, slopes)), sum_of_a_column(tape));
    };
    const auto measure = [&](Tape& tape, const Shard&, std::span<double> numbers) {
      numbers[0] = double(sum_of_a_column(tape));
    };
    for (const Real value : {Real(1), Real(2)}) {
      fill(weights, value);
      double measured = 0;
      BOOST_TEST(all->gradient(1, gradients, loss, {}) == 256 * value);
      BOOST_TEST(same_bits(gradients, Matrix(1, 16, 16 * value)));
      all->sums(1, measure, std::span(&measured, 1));
      BOOST_TEST(measured == 16 * value);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sum_may_be_of_other_parameters_than_the_one_before_and_stays_within_them) {
  DataParallel all(2);
  for (const Index size : {5, 2047, 2048, 2049, 4095, 3}) {
    const Matrix weights(1, size, Real(2));
    Matrix gradients(1, size + 5000, Real(7));
    const auto loss = [&](Tape& tape, const Shard&, View slopes) {
      return rnn::sum(multiply(tape.parameter("w", weights, slopes), tape.constant(weights)));
    };
    BOOST_TEST(all.gradient(2, View(gradients).columns_from(0, size), loss, {}) == double(8 * size));  // two shards
    for (Index i = 0; i < size + 5000; ++i) BOOST_REQUIRE_EQUAL(gradients(0, i), i < size ? Real(4) : Real(7));
  }
}

BOOST_AUTO_TEST_CASE(each_process_computes_as_many_shards_as_the_others_give_or_take_one) {
  const Matrix weights(1, columns, Real(1));
  for (const int count : {2, 3, 4, 7}) {
    for (const Sums& sums : add_up_on(count, 1, 1000, weights, false)) {  // 20 shards
      BOOST_TEST((sums.computed.size() == 20u / count || sums.computed.size() == 20u / count + 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(without_mpirun_there_is_one_process_that_tells_itself_nothing) {
  BOOST_TEST(ranks().count() == 1);
  BOOST_TEST(is_first_rank());
  BOOST_TEST(dynamic_cast<DataParallel*>(shard_sum(1).get()) != nullptr);
  std::string text = "kept";
  share(text);
  BOOST_TEST(text == "kept");
  std::vector<int> numbers{1, 2};
  share(numbers);
  BOOST_TEST(numbers.size() == 2u);
  require_same("version", "any");
}
