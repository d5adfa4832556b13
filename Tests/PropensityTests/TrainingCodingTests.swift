import Bytes
import Propensity
import Testing

struct TrainingCodingTests {
  private struct Exchange {
    var orders: [TrainingOrder] = []
    var answers: [TrainingAnswer] = []
    var features: [FeatureBins] = []
    var partition: TrainingPartition
  }

  /// A whole training of few rows, as it goes over the wire.
  private func exchange() throws -> Exchange {
    var settings = TrainingSettings()
    settings.treeCountMax = 3
    settings.leafCountMax = 8
    let part = Samples.rows(600, seed: 51)
    let features = try LocalTraining.bins(names: Samples.names, parts: [part], settings: settings)
    var exchange = Exchange(
      partition: try TrainingPartition(
        features: features,
        columns: part.columns,
        labels: part.labels,
        keys: part.keys,
        settings: settings
      )
    )
    exchange.features = features
    var trainer = try Trainer(
      features: features,
      labels: exchange.partition.labelCounts,
      settings: settings
    )
    exchange.orders.append(.countLabels)
    exchange.answers.append(try exchange.partition.answer(.countLabels))
    var orders = [trainer.start()]
    while true {
      let order = orders.removeFirst()
      exchange.orders.append(order)
      let answer = try exchange.partition.answer(order)
      exchange.answers.append(answer)
      switch try trainer.handle(answer) {
      case .orders(let next): orders += next
      case .waiting: break
      case .finished:
        exchange.orders.append(trainer.resumption)
        return exchange
      }
    }
  }

  private func bytes(_ order: TrainingOrder) -> [UInt8] {
    var writer = ByteWriter()
    order.encode(into: &writer)
    return writer.bytes
  }

  private func bytes(_ answer: TrainingAnswer) -> [UInt8] {
    var writer = ByteWriter()
    answer.encode(into: &writer)
    return writer.bytes
  }

  private func order(_ bytes: [UInt8]) throws -> TrainingOrder {
    var reader = ByteReader(bytes)
    let order = try TrainingOrder(from: &reader)
    try reader.finish()
    return order
  }

  private func answer(_ bytes: [UInt8], slots: Int) throws -> TrainingAnswer {
    var reader = ByteReader(bytes)
    let answer = try TrainingAnswer(from: &reader, slotCount: slots)
    try reader.finish()
    return answer
  }

  @Test func `orders and answers are read as they were written`() throws {
    let exchange = try exchange()
    let slots = HistogramLayout(features: exchange.features).slotCount
    for order in exchange.orders { #expect(try self.order(bytes(order)) == order) }
    for answer in exchange.answers {
      #expect(try self.answer(bytes(answer), slots: slots) == answer)
    }
  }

  @Test func `cut orders and answers are errors at every length`() throws {
    let exchange = try exchange()
    let slots = HistogramLayout(features: exchange.features).slotCount
    for order in exchange.orders {
      let whole = bytes(order)
      for count in whole.indices where count < 100 || count % 13 == 0 {
        #expect(throws: DecodingError.self) { _ = try self.order(Array(whole.prefix(count))) }
      }
    }
    for answer in exchange.answers {
      let whole = bytes(answer)
      for count in stride(from: 0, to: whole.count, by: max(1, whole.count / 40)) {
        #expect(throws: DecodingError.self) {
          _ = try self.answer(Array(whole.prefix(count)), slots: slots)
        }
      }
    }
  }

  @Test func `a partition meets any order with an answer or an error`() throws {
    let exchange = try exchange()
    var random = SeededRandom(seed: 52)
    var answerCount = 0
    for turn in 0..<2_000 {
      var hostile = bytes(exchange.orders[turn % exchange.orders.count])
      for _ in 0..<random.below(3) {
        hostile[random.below(hostile.count)] = UInt8(random.below(256))
      }
      guard let order = try? order(hostile) else { continue }
      if (try? exchange.partition.answer(order)) != nil { answerCount += 1 }
    }
    #expect(answerCount > 100)
  }

  @Test func `a trainer meets any answer with a step or an error`() throws {
    var settings = TrainingSettings()
    settings.treeCountMax = 3
    settings.leafCountMax = 8
    let exchange = try exchange()
    let slots = HistogramLayout(features: exchange.features).slotCount
    var random = SeededRandom(seed: 53)
    for _ in 0..<300 {
      var trainer = try Trainer(
        features: exchange.features,
        labels: exchange.partition.labelCounts,
        settings: settings
      )
      _ = trainer.start()
      training: for answer in exchange.answers.dropFirst() {
        var hostile = bytes(answer)
        if random.oneIn(3) { hostile[random.below(hostile.count)] = UInt8(random.below(256)) }
        guard let read = try? self.answer(hostile, slots: slots) else { break }
        switch try? trainer.handle(read) {
        case .orders, .waiting: break
        case .finished, nil: break training
        }
      }
    }
  }
}
