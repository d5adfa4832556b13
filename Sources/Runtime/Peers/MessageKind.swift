/// What the payload of a frame is: `Frame.kind`.
enum MessageKind: UInt8, CustomStringConvertible {
  case workerMessage = 1
  case coordinatorMessage = 2
  case clientRequest = 3
  case clientReply = 4

  var description: String {
    switch self {
    case .workerMessage: "a worker's message"
    case .coordinatorMessage: "a coordinator's message"
    case .clientRequest: "a client's request"
    case .clientReply: "a reply"
    }
  }
}
