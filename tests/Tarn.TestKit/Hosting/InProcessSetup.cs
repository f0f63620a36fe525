using Microsoft.AspNetCore.Builder;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;
using Tarn.Server.Web;

namespace Tarn.TestKit.Hosting;

/// <summary>The choices a test makes for a server in its process.</summary>
internal sealed record InProcessSetup
{
    /// <summary>Closed with the server.</summary>
    public IKeyValueStore Metadata { get; init; } = new MemoryKeyValueStore();

    /// <summary>Null: in memory. Closed with the server.</summary>
    public IBlobStore? Blobs { get; init; }

    /// <summary>Engines that are open already, closed with the server; null: those of the stores above.</summary>
    public Engines? Engines { get; init; }

    public ServerOptions Options { get; init; } = InProcessServer.Options;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The data directory; need not exist while no disk has a directory of its own.</summary>
    public string DataPath { get; init; } = "/nowhere";

    /// <summary>Where the engines are, if they are on disk.</summary>
    public IReadOnlyList<StoreDevices> Devices { get; init; } = [];

    /// <summary>The OTLP export.</summary>
    public OtlpSettings Otlp { get; init; } = OtlpSettings.None;

    /// <summary>Whether the background services run.</summary>
    public bool Background { get; init; }

    /// <summary>The console; null: none.</summary>
    public ConsoleFiles? Console { get; init; }

    /// <summary>Adds or replaces services: of two registrations the last one counts.</summary>
    public Action<WebApplicationBuilder>? More { get; init; }
}
