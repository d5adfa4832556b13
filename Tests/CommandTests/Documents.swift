import Bytes
import Domain
import Testing
import covey

/// A document of the cluster, written as JSON.
func document(_ json: String) throws -> Document {
  Document(try #require(try Value.parse(json: Text(json))))
}

/// Noon of a day, and no colours.
let noon = ViewContext(now: Instant(milliseconds: 1_773_576_000_000))
