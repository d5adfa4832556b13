import Bytes
import Cluster
import Platform
import Runtime
import Synchronization
import Testing

@Suite struct LogTests {
  private struct StoppedClock: Clock {
    var now: Instant { Instant(milliseconds: 1_795_493_046_064) }
    var monotonicMilliseconds: Int64 { 0 }
  }

  private final class Lines: Sendable {
    let text = Mutex("")
  }

  private func line(_ fields: [LogField]) -> String {
    let lines = Lines()
    let log = Log(node: "w1", clock: StoppedClock()) { line in
      lines.text.withLock { $0 += line }
    }
    log.warning("it-happened", fields)
    return lines.text.withLock { $0 }
  }

  @Test func `a line has its time, level, place, event and facts`() {
    #expect(
      line([LogField("shard", 17), LogField("took_ms", 3)])
        == "ts=1795493046.064 level=warning at=w1 event=it-happened shard=17 took_ms=3\n"
    )
  }

  @Test(
    arguments: [
      ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""),
      ("say \"no\"", "\"say \\\"no\\\"\""), ("x\ny", "\"x\\\\ny\""),
    ]
  )
  func `a value is quoted when it must be, and never breaks the line`(
    value: String,
    shown: String
  ) {
    #expect(line([LogField("v", value)]).hasSuffix(" v=\(shown)\n"))
  }
}
