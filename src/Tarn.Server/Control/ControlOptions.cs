namespace Tarn.Server.Control;

/// <summary>What the control API needs to know about the server.</summary>
/// <param name="Region">The server's region.</param>
/// <param name="ShareBase">The URL that share links begin with, known once the server listens.</param>
internal sealed record ControlOptions(string Region, Func<string> ShareBase)
{
    /// <summary>The URL by which programs reach S3, as far as the server is told; known once it listens.</summary>
    public Func<string> S3Base { get; init; } = static () => "";

    /// <summary>The URLs of the S3 endpoint and of the control address on this machine, known once the server listens.</summary>
    public Func<(string S3, string Control)> Addresses { get; init; } = static () => ("", "");
}
