using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>What is examined: a data directory, the settings with which a server is started on it, and the machine.</summary>
internal sealed record Examined
{
    /// <summary>The data directory, absolute.</summary>
    public required string Data { get; init; }

    /// <summary>The settings; null if they are wrong.</summary>
    public ServerOptions? Options { get; init; }

    /// <summary>What is wrong with them.</summary>
    public string? SettingsProblem { get; init; }

    /// <summary>The control address; null if it is not known.</summary>
    public Uri? Control { get; init; }

    /// <summary>The URL by which clients reach the S3 endpoint; null: not to be asked.</summary>
    public Uri? Public { get; init; }

    /// <summary>An access key for requests to it; null: none.</summary>
    public RootKey? Key { get; init; }

    /// <summary>The process id of the server that runs on the data directory; null if none does, as far as can be seen.</summary>
    public int? Server { get; init; }

    /// <summary>Flags of that server that are among the settings.</summary>
    public IReadOnlyList<string> ServerFlags { get; init; } = [];

    /// <summary>Why its flags are not among the settings; null if they are.</summary>
    public string? ServerFlagsProblem { get; init; }

    /// <summary>The files of the kernel.</summary>
    public ProcFiles Proc { get; init; } = new("/proc");

    /// <summary>Whether this user may read what a path leads to.</summary>
    public Func<string, bool> MayRead { get; init; } = FileFacts.MayRead;

    /// <summary>Whether this user may write to what a path leads to.</summary>
    public Func<string, bool> MayWrite { get; init; } = FileFacts.MayWrite;

    /// <summary>The user id of this process.</summary>
    public uint User { get; init; } = FileFacts.User;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Metadata => Path.Combine(Data, "meta");

    public string Blobs => Path.Combine(Data, "blobs");
}
