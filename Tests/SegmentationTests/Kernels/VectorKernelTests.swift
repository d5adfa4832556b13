import Bytes
import ProfileStore
import Testing

@testable import Segmentation

/// Steps over vectors of a block's profiles.
struct VectorKernelTests {
  @Test("vectors have a bit for each profile of the largest block")
  func counts() {
    #expect(BlockVector.bitCount == StoreOptions.blockProfileCountMax)
    #expect(BlockVector.wordCount * 64 == BlockVector.bitCount)
  }

  @Test("steps do with every word what they say", arguments: 0..<20)
  func steps(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let vectorCount = 9
    let operations: [VectorStep.Operation] = [.loadInverse, .and, .andInverse, .store, .load]
    let steps = (0..<40).map { _ in
      VectorStep(
        operations[Int(random.next() % UInt64(operations.count))],
        Int(random.next() % UInt64(vectorCount))
      )
    }
    let vectors = Scratch<UInt64>(count: vectorCount * BlockVector.wordCount)
    var expected = (0..<vectorCount * BlockVector.wordCount).map { _ in random.next() }
    for word in expected.indices { unsafe vectors.pointer[word] = expected[word] }
    for word in 0..<BlockVector.wordCount {
      var own: UInt64 = 0
      for step in steps {
        let place = Int(step.vector) * BlockVector.wordCount + word
        switch step.operation {
        case .load: own = expected[place]
        case .loadInverse: own = ~expected[place]
        case .and: own &= expected[place]
        case .andInverse: own &= ~expected[place]
        case .store: expected[place] = own
        }
      }
    }
    unsafe steps.withUnsafeBufferPointer { steps in
      guard let start = steps.baseAddress else { return }
      unsafe run(start, count: steps.count, over: vectors.pointer)
    }
    for word in expected.indices where unsafe vectors.pointer[word] != expected[word] {
      Issue.record("seed \(seed), word \(word)")
    }
  }
}
