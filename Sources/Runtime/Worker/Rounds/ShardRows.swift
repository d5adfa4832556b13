import Bytes
import Cluster
import Domain
import ProfileStore
import Propensity
import Segmentation

/// Makes the rows of shards as a plan says: the one place where training meets the data.
struct ShardRows: Sendable {
  /// The rows of one shard.
  struct Part: Sendable {
    var learned: LocalTraining.Part
    /// `nil` where the plan has no out-of-time test.
    var outOfTime: LocalTraining.Part?
    /// Of each cut-off, that of the out-of-time test last.
    var outcomes: [OutcomeCounts]
  }

  let plan: RowPlan
  let names: [Text]
  /// One a cut-off, that of the out-of-time test last.
  private let extractors: [FeatureExtractor]

  /// Makes the plan's rules ready, once for all shards.
  init(_ plan: RowPlan) throws(RoundProblem) {
    self.plan = plan
    let features: FeaturePlan
    do throws(DecodingError) {
      var reader = ByteReader(plan.features)
      features = try FeaturePlan(from: &reader)
    } catch {
      throw .undecodable(error)
    }
    names = features.features.map(\.name)
    var extractors: [FeatureExtractor] = []
    do throws(FeatureError) {
      for cutOff in plan.cutOffs + (plan.outOfTime.map { [$0] } ?? []) {
        extractors.append(
          try FeatureExtractor(features, at: cutOff, for: .training, zones: SystemZones.source)
        )
      }
    } catch {
      throw .features(error)
    }
    self.extractors = extractors
  }

  /// The rows of one shard, of all cut-offs.
  func part(
    of snapshot: ShardSnapshot,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(RoundProblem) -> Part {
    var parts: [LocalTraining.Part] = []
    do throws(FeatureError) {
      for extractor in extractors {
        let population = try extractor.population(of: snapshot, isCancelled: isCancelled)
        let rows = try extractor.rows(of: population, isCancelled: isCancelled)
        parts.append(
          LocalTraining.Part(columns: rows.columns, labels: rows.labels, keys: rows.keyHashes)
        )
      }
    } catch {
      throw .features(error)
    }
    let outcomes = parts.map { OutcomeCounts(labels: $0.labels) }
    let outOfTime = plan.outOfTime == nil ? nil : parts.popLast()
    do throws(TrainingError) {
      return Part(
        learned: parts.count == 1 ? parts[0] : try LocalTraining.Part(joining: parts),
        outOfTime: outOfTime,
        outcomes: outcomes
      )
    } catch {
      throw .training(error)
    }
  }

  /// What has to be known of a shard to plan features.
  static func survey(of snapshot: ShardSnapshot) throws(RoundProblem) -> (EventSpan?, FeatureSurvey)
  {
    do throws(StoreError) {
      let survey = try FeatureSurvey(of: snapshot)
      var span: EventSpan?
      for block in 0..<snapshot.blockCount {
        guard let own = try snapshot.flatBlock(block).eventSpan else { continue }
        let events = EventSpan(first: own.lowerBound, last: own.upperBound)
        span = span?.union(events) ?? events
      }
      return (span, survey)
    } catch {
      throw .store(error)
    }
  }
}
