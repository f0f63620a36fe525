using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;

namespace Tarn.Server.Configuration;

/// <summary>Binds the settings to <see cref="AcceleratorOptions"/>; throws at the first invalid value.</summary>
internal static class AcceleratorOptionsBinder
{
    /// <exception cref="StartupException">A value is wrong or missing, or the token's file may be read by others.</exception>
    public static AcceleratorOptions Bind(SettingValues values)
    {
        ListenAddress s3 = SettingReaders.Address(values.Get(Settings.S3));
        IReadOnlyList<string> domains = SettingReaders.Domains(values.Find(Settings.Domain));
        var options = new AcceleratorOptions
        {
            Upstream = Upstream(values),
            Authorities = Authorities(values.Find(AcceleratorSettings.UpstreamCa)),
            Token = Token(values),
            Name = NameOf(values.Find(AcceleratorSettings.Name)),
            Zone = ZoneOf(values.Get(AcceleratorSettings.Zone)),
            Domains = domains.Count <= AcceleratorEnvelope.MaxDomains ? domains : throw values.Find(Settings.Domain)!.Refusal($"there may be {AcceleratorEnvelope.MaxDomains}"),
            Cache = Path.GetFullPath(Required(values, AcceleratorSettings.Cache).NotEmpty()),
            CacheSize = CacheSize(Required(values, AcceleratorSettings.CacheSize)),
            CacheMaxAge = values.Find(AcceleratorSettings.CacheMaxAge) is { } age ? SettingReaders.LongDuration(age) : null,
            CacheMemory = values.Get(AcceleratorSettings.CacheMemory).NumberOrAuto(BlockCacheOptions.MinFetchMemory >> 20, 1 << 20) * (1L << 20),
            S3 = s3,
            Peers = values.Find(AcceleratorSettings.Peers) is { } peers ? SettingReaders.Address(peers) : null,
            PeerAddress = PeerAddress(values),
            Metrics = values.Find(AcceleratorSettings.Metrics) is { } metrics ? SettingReaders.Address(metrics) : null,
            Tls = TlsOptionsBinder.BindFiles(values, onS3: true, onControl: false),
            MaxConnections = (int?)values.Get(Settings.MaxConnections).NumberOrAuto(1, 1_000_000),
            RequestMemory = values.Get(Settings.RequestMemory).NumberOrAuto(1, 1 << 20) * (1L << 20),
            DrainDelay = TimeSpan.FromSeconds(values.Get(Settings.DrainDelay).Number(0, 3600)),
            LogLevel = SettingReaders.Level(values.Get(Settings.LogLevel)),
            AccessLog = values.Find(Settings.AccessLog) is { } log ? log.Single() == "-" ? "-" : Path.GetFullPath(log.NotEmpty()) : null,
        };
        return HasEnvelope(options) ? options : throw values.Find(Settings.Domain)!.Refusal("the domains are too long together, or one has a label that begins or ends with '-'");
    }

    private static string? PeerAddress(SettingValues values)
    {
        SettingValue? peers = values.Find(AcceleratorSettings.Peers), named = values.Find(AcceleratorSettings.PeerAddress);
        if (peers is null)
        {
            return named is null ? null : throw named.Refusal($"needs {AcceleratorSettings.Peers.Flag} as well");
        }

        ListenAddress address = SettingReaders.Address(peers);
        return named is null && (address.IsEveryAddress || address.Port == 0)
            ? throw peers.Refusal($"'{peers.Single()}' does not say how others reach it: set {AcceleratorSettings.PeerAddress.Flag} as well")
            : (named?.Single() ?? string.Create(CultureInfo.InvariantCulture, $"{address.LocalHost}:{address.Port}")) is var text && AcceleratorRegistration.IsPeer(text)
            ? text
            : throw (named ?? peers).Refusal($"'{text}' is not HOST:PORT, with a name in lower case");
    }

    private static bool HasEnvelope(AcceleratorOptions options)
    {
        try
        {
            _ = options.Envelope.Format();
            return true;
        }
        catch (FormatException)
        {
            // Token, name and zone were checked above.
            return false;
        }
    }

    private static SettingValue Required(SettingValues values, Setting setting) => values.Find(setting) ?? throw new StartupException($"{setting.Flag} is missing");

    private static Uri Upstream(SettingValues values)
    {
        SettingValue value = Required(values, AcceleratorSettings.Upstream);
        if (!ExternalUrl.TryParse(value.Single(), out ExternalUrl? parsed) || parsed.Prefix.Length > 0)
        {
            throw value.Refusal($"'{value.Single()}' is not like https://tarn.example.com:9100: a scheme, a host and a port");
        }

        Uri url = parsed.Uri;
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && !values.Get(AcceleratorSettings.InsecureUpstream).Switch())
        {
            throw value.Refusal($"is without TLS, so that the token and all data are readable on the way; use https, or {AcceleratorSettings.InsecureUpstream.Flag} in a network that you trust");
        }

        return url;
    }

    private static X509Certificate2Collection? Authorities(SettingValue? value)
    {
        if (value is null)
        {
            return null;
        }

        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(value.NotEmpty());
            return authorities.Count > 0 ? authorities : throw value.Refusal("there is no certificate in it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"{value.Label}: cannot be used: {e.Message}", e);
        }
    }

    private static string Token(SettingValues values)
    {
        SettingValue token = values.FindSecret(AcceleratorSettings.Token) ?? throw new StartupException($"{AcceleratorSettings.TokenFile.Flag} is missing");
        if (values.Find(AcceleratorSettings.Token) is null && values.Find(AcceleratorSettings.TokenFile) is { } file)
        {
            // It exists: its first line has been read.
            UnixFileMode mode = File.GetUnixFileMode(file.Single());
            if ((mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                throw file.Refusal($"every user of this machine may read {file.Single()}, or write it: chmod o-rw");
            }
        }

        string text = token.Single().Trim();
        return text.Length is > 0 and <= AcceleratorEnvelope.MaxTokenLength && text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? text
            : throw token.Refusal("is not a token as tarn accelerator token create prints it");
    }

    /// <summary>The name that is set, or the machine's. Names of machines may be longer than those of accelerators: such a one is shortened, so that it is another one still for another machine.</summary>
    private static string NameOf(SettingValue? value)
    {
        if (value is null)
        {
            string machine = string.Concat(Environment.MachineName.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));
            return AcceleratorNames.OfMachine(machine) ?? "accelerator";
        }

        return AcceleratorNames.OfMachine(value.Single())
            ?? throw value.Refusal($"'{value.Single()}' is not a name: 1 to {AcceleratorNames.MaxDomainLength} letters, digits, '.', '_' and '-'");
    }

    private static string ZoneOf(SettingValue value) => AcceleratorNames.IsName(value.Single())
        ? value.Single()
        : throw value.Refusal($"'{value.Single()}' is not a name: 1 to {AcceleratorNames.MaxNameLength} letters, digits, '.', '_' and '-'");

    private static long CacheSize(SettingValue value) =>
        !ByteSize.TryParse(value.Single(), out long bytes) ? throw value.Refusal($"'{value.Single()}' is not a size with a unit, like 512MiB or 200GiB")
        : bytes < BlockCacheOptions.MinCapacity ? throw value.Refusal($"{value.Single()} is too small: the least is {BlockCacheOptions.MinCapacity >> 20}MiB")
        : bytes;
}
