namespace Tarn.TestKit.Servers;

/// <summary>How a <see cref="TarnServer"/> is started.</summary>
public sealed record TarnServerOptions
{
    /// <summary>Serve S3 over TLS, with a certificate created for the test.</summary>
    public bool Tls { get; init; }

    /// <summary>Listen for accelerators too.</summary>
    public bool Accelerators { get; init; }

    /// <summary>The address of loopback that both listeners have, as in a URL.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The server's region.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>The program and the arguments before <c>serve</c>; null: what was built with the tests.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Further arguments to <c>serve</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Further environment variables; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>
    /// What bash runs in place of the server, to change its limits or streams first; <c>exec "$@"</c> in it becomes the server. Null: no shell.
    /// </summary>
    public string? Shell { get; init; }

    /// <summary>Whether anyone reads what the server writes to standard error; if not, the pipe fills up.</summary>
    public bool ReadsError { get; init; } = true;

    /// <summary>Whether anyone reads what the server writes to standard output.</summary>
    public bool ReadsOutput { get; init; } = true;

    /// <summary>The data directory; null: a new temporary one, removed at the end.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>How long a start may take before the test fails.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the server may take to drain and exit after SIGTERM.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The root access key id.</summary>
    public string AccessKey { get; init; } = "TARNTESTROOTKEY00001";

    /// <summary>The root secret access key.</summary>
    public string SecretKey { get; init; } = "tarn/test+root/secret+key/0123456789abcd";
}
