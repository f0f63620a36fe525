using Microsoft.AspNetCore.Builder;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;

namespace Tarn.TestKit.Hosting;

/// <summary>What a test chooses of a server in its process.</summary>
internal sealed record InProcessSetup
{
    /// <summary>Closed with the server.</summary>
    public IKeyValueStore Metadata { get; init; } = new MemoryKeyValueStore();

    /// <summary>Null: in memory. Closed with the server.</summary>
    public IBlobStore? Blobs { get; init; }

    public ServerOptions Options { get; init; } = InProcessServer.Options;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Need not exist while no disk has a directory of its own.</summary>
    public string DataPath { get; init; } = "/nowhere";

    /// <summary>Whether the work goes on that the program does in the background.</summary>
    public bool Background { get; init; }

    /// <summary>Adds to what the server is composed of, or replaces it: of two registrations the last one counts.</summary>
    public Action<WebApplicationBuilder>? More { get; init; }
}
