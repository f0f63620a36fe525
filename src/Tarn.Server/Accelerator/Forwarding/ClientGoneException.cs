namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>The client no longer takes its answer, which may be known before its request counts as aborted.</summary>
internal sealed class ClientGoneException() : OperationCanceledException("The client has gone.");
