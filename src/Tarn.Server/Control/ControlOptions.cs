namespace Tarn.Server.Control;

/// <summary>What the control API needs to know about the server.</summary>
/// <param name="Region">The server's region.</param>
/// <param name="ShareBase">The URL that share links begin with, known once the server listens.</param>
internal sealed record ControlOptions(string Region, Func<string> ShareBase);
