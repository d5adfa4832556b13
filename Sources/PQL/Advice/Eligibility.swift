package import Bytes

/// How a definition would be evaluated by Adobe's rules since 20 May 2025.
///
/// Advice only: it never changes an answer.
package struct Eligibility: Equatable, Sendable {
  package enum Method: String, CaseIterable, Sendable {
    case batch
    case streaming
    case edge
  }

  /// A clause that prevents a method.
  package struct Obstacle: Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
      case ignoringYear
      /// A single event whose age is not limited to 24 hours.
      case unboundedEvent
      /// Several events in order, the first of which is not within 24 hours.
      case unboundedSequence
      case sequence
      /// Events counted or aggregated.
      case aggregatedEvents
      /// Several events without an order among them.
      case severalEvents
      case eventAndSegment
    }

    package var method: Method
    package var reason: Reason
    package var range: SourceRange
    package var position: SourcePosition

    init(_ method: Method, _ reason: Reason, at range: SourceRange, in source: Text) {
      self.method = method
      self.reason = reason
      self.range = range
      position = SourcePosition(offset: range.start, in: source)
    }
  }

  /// The best method: edge before streaming before batch, which takes everything.
  package var method: Method {
    if obstacles.contains(where: { $0.method == .streaming }) { return .batch }
    return obstacles.isEmpty ? .edge : .streaming
  }

  /// Why not a better one; what prevents streaming prevents edge too.
  package var obstacles: [Obstacle]
}

extension Eligibility.Obstacle: CustomStringConvertible {
  /// `line:column: not streaming: reason`.
  package var description: String { "\(position): not \(method.rawValue): \(reason)" }
}

extension Eligibility.Obstacle.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .ignoringYear: "'ignoring year' is evaluated in batch"
    case .unboundedEvent:
      "an event of any age; limit it, as in 'timestamp occurs <= 24 hours before now'"
    case .unboundedSequence:
      "a sequence of any age; limit its first step, as in 'when(<= 24 hours before now)'"
    case .sequence: "a sequence of events"
    case .aggregatedEvents: "events are counted or aggregated"
    case .severalEvents: "several events without an order; a 'chain' gives them one"
    case .eventAndSegment: "an event together with a segment that may look at events itself"
    }
  }
}

extension CheckedQuery {
  /// Says how the definition would be evaluated.
  ///
  /// - Parameter isProfileOnly: whether the definition of a segment looks at no event; asked for the
  ///   literal ids of `inSegment`.
  /// - Returns: the best method and the clauses that prevent a better one.
  package func eligibility(isProfileOnly: (Text) -> Bool = { _ in false }) -> Eligibility {
    let review = EventReview(body)
    var obstacles: [Eligibility.Obstacle] = []
    func add(_ method: Eligibility.Method, _ reason: Eligibility.Obstacle.Reason, _ at: SourceRange)
    {
      obstacles.append(Eligibility.Obstacle(method, reason, at: at, in: source))
    }
    for range in review.ignoringYear { add(.streaming, .ignoringYear, range) }
    for use in review.uses {
      switch use.kind {
      case .single(isWithinDay: true): break
      case .single(isWithinDay: false): add(.streaming, .unboundedEvent, use.range)
      case .sequence(isWithinDay: true): add(.edge, .sequence, use.range)
      case .sequence(isWithinDay: false): add(.streaming, .unboundedSequence, use.range)
      case .aggregated: add(.streaming, .aggregatedEvents, use.range)
      }
    }
    if review.uses.count > 1 { add(.streaming, .severalEvents, review.uses[1].range) }
    if !review.uses.isEmpty {
      for segment in review.segments where segment.id.map(isProfileOnly) != true {
        add(.streaming, .eventAndSegment, segment.range)
      }
    }
    return Eligibility(obstacles: obstacles)
  }
}
