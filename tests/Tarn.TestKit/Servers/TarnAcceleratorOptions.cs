namespace Tarn.TestKit.Servers;

/// <summary>How a <see cref="TarnAccelerator"/> is started.</summary>
public sealed record TarnAcceleratorOptions
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "accelerator";

    /// <summary>The zone, whose accelerators share what they have cached.</summary>
    public string Zone { get; init; } = "default";

    /// <summary>Whether it shares with the others of the zone.</summary>
    public bool Peers { get; init; }

    /// <summary>Serve S3 over TLS, with a certificate created for the test.</summary>
    public bool Tls { get; init; }

    /// <summary>The domain of virtual-host addressing; null for none.</summary>
    public string? Domain { get; init; }

    /// <summary>The directory of its cache; null: a new temporary one, removed at the end.</summary>
    public string? Cache { get; init; }

    /// <summary>Further arguments to <c>accelerate</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Further environment variables; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}
