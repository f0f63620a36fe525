using System.Globalization;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Identity;
using Tarn.Core.Logging;
using Tarn.Core.Mirroring;
using Tarn.Core.Model;
using Tarn.Core.Scrubbing;
using Tarn.S3.Auth.SigV2;

namespace Tarn.Server.Configuration;

/// <summary>Binds the settings to <see cref="ServerOptions"/>; throws at the first invalid value.</summary>
internal static class ServerOptionsBinder
{
    /// <exception cref="StartupException">A value is wrong, or two of them contradict each other.</exception>
    public static ServerOptions Bind(SettingValues values)
    {
        ThrowIfNotImplemented(values.Get(Settings.Metadata), "rocksdb");
        ThrowIfNotImplemented(values.Get(Settings.Blobs), "files");
        ListenAddress s3 = SettingReaders.Address(values.Get(Settings.S3));
        ListenAddress control = SettingReaders.Address(values.Get(Settings.Control));
        string data = Path.GetFullPath(values.Get(Settings.Data).NotEmpty());
        TlsOptions? tls = TlsOptionsBinder.Bind(values, control);
        ListenAddress? accelerators = Accelerators(values, tls);
        (RootKey? rootKey, bool usesDevKey) = DevKey.Bind(values, s3, control, accelerators);
        return new ServerOptions
        {
            Data = data,
            Mirror = Mirror(values.Find(Settings.Mirror), data),
            MirrorAcceptStale = NamedSide(values.Find(Settings.MirrorAcceptStale)),
            MirrorRebuild = values.Get(Settings.MirrorRebuild).Switch(),
            ExpectData = values.Get(Settings.ExpectData).Switch(),
            UsesDevKey = usesDevKey,
            CreateBuckets = Buckets(values.Find(Settings.CreateBucket)),
            S3 = s3,
            Control = control,
            Accelerators = accelerators,
            AllowsInsecureAccelerators = values.Get(Settings.InsecureAccelerators).Switch(),
            Region = Region(values.Get(Settings.Region)),
            Domains = SettingReaders.Domains(values.Find(Settings.Domain)),
            Durability = values.Get(Settings.Durability).Choice(("full", Durability.Full), ("relaxed", Durability.Relaxed)),
            VerifyReads = values.Get(Settings.VerifyReads).Choice(("device", VerifyReads.Device), ("always", VerifyReads.Always), ("off", VerifyReads.Off)),
            AcceptLogLoss = NamedNumber(values.Find(Settings.AcceptLogLoss)),
            LifecycleDay = TimeSpan.FromSeconds(values.Get(Settings.LifecycleDay).Number(1, 86_400, "a number of seconds")),
            LifecycleRate = (int)values.Get(Settings.LifecycleRate).Number(1, 1_000_000, "a number"),
            Scrub = new ScrubOptions
            {
                BytesPerSecond = values.Get(Settings.ScrubRate).Number(0, 1_000_000, "a number of MiB") << 20,
                ReadsPerSecond = (int)values.Get(Settings.ScrubIops).Number(1, 1_000_000, "a number"),
                Interval = SettingReaders.LongDuration(values.Get(Settings.ScrubInterval)),
                OrphanRetention = SettingReaders.LongDuration(values.Get(Settings.OrphanRetention)),
            },
            ObjectOwnership = values.Get(Settings.ObjectOwnership).Choice(
                ("BucketOwnerEnforced", ObjectOwnership.BucketOwnerEnforced),
                ("BucketOwnerPreferred", ObjectOwnership.BucketOwnerPreferred),
                ("ObjectWriter", ObjectOwnership.ObjectWriter)),
            SignatureV2 = new SignatureV2Options(
                values.Get(Settings.SignatureV2).Choice(
                    ("off", SignatureV2Use.Off),
                    ("presigned", SignatureV2Use.Presigned),
                    ("all", SignatureV2Use.All)),
                SettingReaders.LongDuration(values.Get(Settings.SignatureV2MaxExpiry))),
            OidcPlainLoopback = values.Get(Settings.OidcPlainLoopback).Switch(),
            DiskRoots = DiskRoots(values.Find(Settings.DiskRoot)),
            BackupRoots = BackupRoots(values.Find(Settings.BackupRoot)),
            ShareUrl = ShareUrl(values.Find(Settings.ShareUrl)),
            ConsoleUrl = ConsoleUrl(values),
            Proxies = ProxyOptionsBinder.Bind(values),
            Tls = tls,
            MaxConnections = (int?)values.Get(Settings.MaxConnections).NumberOrAuto(1, 1_000_000),
            RequestMemory = values.Get(Settings.RequestMemory).NumberOrAuto(1, 1 << 20) * (1L << 20),
            S3HealthPath = HealthPath(values.Find(Settings.S3HealthPath)),
            DrainDelay = TimeSpan.FromSeconds(values.Get(Settings.DrainDelay).Number(0, 3600)),
            RecentRequests = (int)values.Get(Settings.RecentRequests).Number(0, 1_000_000, "a number"),
            BucketMetrics = (int)values.Get(Settings.BucketMetrics).Number(0, 1000, "a number"),
            LogLevel = SettingReaders.Level(values.Get(Settings.LogLevel)),
            AccessLog = values.Find(Settings.AccessLog) is { } log ? log.Single() == "-" ? "-" : Path.GetFullPath(log.NotEmpty()) : null,
            AccessLogFormat = FormatOfAccessLog(values),
            AuditLog = values.Find(Settings.AuditLog) is { } audit ? AuditPath(audit) : null,
            BucketLogs = new LogOptions
            {
                Interval = BucketLogInterval(values.Get(Settings.BucketLogInterval)),
                SpoolBytes = values.Get(Settings.BucketLogSpool).Number(1, 1_000_000, "a number of MiB") << 20,
            },
            TraceRate = (int)values.Get(Settings.TraceRate).Number(1, 1_000_000, "a number"),
            RootKey = rootKey,
            MasterKey = MasterKey(values.Find(Settings.MasterKey), values.Find(Settings.MasterKeyFile)),
        };
    }

    private static AccessLogFormat FormatOfAccessLog(SettingValues values)
    {
        if (values.Find(Settings.AccessLogFormat) is { } set && values.Find(Settings.AccessLog) is null)
        {
            throw set.Refusal($"needs {Settings.AccessLog.Flag} as well");
        }

        return values.Get(Settings.AccessLogFormat).Choice(("json", AccessLogFormat.Json), ("s3", AccessLogFormat.S3));
    }

    private static string AuditPath(SettingValue value) => value.NotEmpty() == "-"
        ? throw value.Refusal("is a file: what is written to a stream cannot be made durable")
        : Path.GetFullPath(value.NotEmpty());

    private static void ThrowIfNotImplemented(SettingValue value, string built)
    {
        string text = value.Single();
        if (text != built)
        {
            // A connection string may contain a password: only its scheme is shown.
            int scheme = text.IndexOf("://", StringComparison.Ordinal);
            throw value.Refusal($"'{(scheme < 0 ? text : text[..scheme])}' is not an engine of this build; it has {built}");
        }
    }

    private static MasterKeyOption? MasterKey(SettingValue? text, SettingValue? file) =>
        text is not null && file is not null ? throw text.Refusal($"cannot be combined with {file.Label}")
        : text is not null ? new MasterKeyOption(text.Label, text.Single(), null)
        : file is not null ? new MasterKeyOption(file.Label, null, Path.GetFullPath(file.NotEmpty()))
        : null;

    /// <summary>Where accelerators are served: without TLS only to this machine, unless that is wanted, since each request has a token.</summary>
    private static ListenAddress? Accelerators(SettingValues values, TlsOptions? tls)
    {
        SettingValue insecure = values.Get(Settings.InsecureAccelerators);
        bool isInsecure = insecure.Switch();
        if (values.Find(Settings.Accelerators) is not { } value)
        {
            return isInsecure ? throw insecure.Refusal($"needs {Settings.Accelerators.Flag} as well") : null;
        }

        ListenAddress address = SettingReaders.Address(value);
        return address.IsLoopback || isInsecure || tls is { OnS3: true }
            ? address
            : throw value.Refusal(
                $"{value.Single()} is reached from other machines, and each request of an accelerator has its token: set {Settings.TlsCert.Flag} and {Settings.TlsKey.Flag} (with {Settings.TlsOn.Flag} auto, s3 or both), or {Settings.InsecureAccelerators.Flag} if the network is trusted");
    }

    private static string Region(SettingValue value)
    {
        string text = value.Single();
        return text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? text
            : throw value.Refusal($"'{text}' is not a region name (letters, digits, '-' and '_', at most 64)");
    }

    private static TimeSpan BucketLogInterval(SettingValue value) =>
        Duration.TryParse(value.Single(), out long seconds) && seconds <= 240
            ? TimeSpan.FromSeconds(seconds)
            : throw value.Refusal($"'{value.Single()}' is not a duration such as 30s or 4m, of at most four minutes");

    private static ulong? NamedNumber(SettingValue? value) =>
        value is null ? null
        : ulong.TryParse(value.Single(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong change) ? change
        : throw value.Refusal($"'{value.Single()}' is not the number that the error at startup named");

    private static MirrorStale? NamedSide(SettingValue? value) =>
        value is null ? null : MirrorStale.Parse(value.Single()) ?? throw value.Refusal($"'{value.Single()}' does not name a side as the error at startup does");

    private static string? Mirror(SettingValue? value, string data)
    {
        if (value is null)
        {
            return null;
        }

        string mirror = Path.GetFullPath(value.NotEmpty());
        return FilePaths.Overlap(mirror, data)
            ? throw value.Refusal($"'{mirror}' and the data directory {data} are the same, or one contains the other; the mirror is a directory on another device")
            : mirror;
    }

    private static string? HealthPath(SettingValue? value) =>
        value is null ? null
        : value.Single() is ['/', _, ..] path && !path.EndsWith('/') && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or '~')
            ? path
            : throw value.Refusal($"'{value.Single()}' is not a path like /health (letters, digits, '-', '_', '.', '~' and '/', none at the end)");

    private static List<BucketName> Buckets(SettingValue? value)
    {
        var buckets = new List<BucketName>();
        foreach (string text in value?.Texts ?? [])
        {
            // The names of disks are those of buckets to clients.
            buckets.Add(BucketName.TryParse(text, out BucketName name) && !DiskId.HasShape(text)
                ? name
                : throw value!.Refusal($"'{text}' is not a bucket name: 3 to 63 of a-z, 0-9, '.' and '-', beginning and ending with a letter or digit"));
        }

        return buckets;
    }

    private static List<DiskRoot> DiskRoots(SettingValue? value)
    {
        var roots = new List<DiskRoot>();
        foreach (string text in value?.Texts ?? [])
        {
            // The name of an organization may contain a '=', but no '/'.
            int slash = text.IndexOf('/', StringComparison.Ordinal);
            string? organization = slash > 1 && text[slash - 1] == '=' ? text[..(slash - 1)] : null;
            string path = organization is null ? text : text[slash..];
            if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal)
                || (organization is not null && IdentityRules.Name("", organization) is not null))
            {
                throw value!.Refusal($"'{text}' is not an absolute path, nor ORGANIZATION= and an absolute path");
            }

            roots.Add(new DiskRoot(Path.GetFullPath(path), organization));
        }

        return roots;
    }

    private static List<string> BackupRoots(SettingValue? value)
    {
        var roots = new List<string>();
        foreach (string text in value?.Texts ?? [])
        {
            BucketPlace? bucket = null;
            if (BucketPlace.Is(text) ? !BucketPlace.TryParse(text, out bucket) : text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
            {
                throw value!.Refusal($"'{text}' is neither a directory nor like s3://bucket/prefix");
            }

            roots.Add(bucket?.ToString() ?? Path.GetFullPath(text));
        }

        return roots;
    }

    private static Uri? ShareUrl(SettingValue? value) =>
        value is null ? null
        : Uri.TryCreate(value.Single().TrimEnd('/'), UriKind.Absolute, out Uri? url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0
            ? url
            : throw value.Refusal($"'{value.Single()}' is not like https://files.example.com");

    private static ExternalUrl? ConsoleUrl(SettingValues values)
    {
        if (values.Find(Settings.ConsoleUrl) is not { } value)
        {
            return null;
        }

        if (!ExternalUrl.TryParse(value.Single(), out ExternalUrl? url) || url.Prefix.Length > 0)
        {
            throw value.Refusal($"'{value.Single()}' is not like https://console.example.com: a scheme, a host and optionally a port");
        }

        foreach (Setting setting in (ReadOnlySpan<Setting>)[Settings.ExternalUrl, Settings.ShareUrl])
        {
            // One that is none is refused where it is bound.
            if (values.Find(setting) is { } content && ExternalUrl.TryParse(content.Single(), out ExternalUrl? of) && of with { Prefix = "" } == url)
            {
                throw value.Refusal($"{content.Label} {content.Single()} is of the same origin: what users store would be pages of the console there, with the rights of whoever opens it; give the console a host or a port of its own");
            }
        }

        return url;
    }
}
