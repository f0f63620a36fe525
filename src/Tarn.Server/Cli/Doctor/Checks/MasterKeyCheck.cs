using Tarn.Core.Identity;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Storage;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The master key, without which no stored secret can be decrypted: whether it is there, and nobody else can read it.</summary>
internal sealed class MasterKeyCheck : SimpleCheck
{
    private const UnixFileMode ForOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode ForGroup = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    public override string Name => "master key";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        string own = Path.Combine(examined.Data, "master.key");
        MasterKeyOption? configured = examined.Options?.MasterKey;
        string? file = configured is null ? own : configured.File;
        if (file == own && !File.Exists(own))
        {
            return StoreFormat.Exists(examined.Data)
                ? [Finding.Problem($"{own} is missing: the stored secrets cannot be decrypted without it", "restore it from where you keep a copy, or name the key with --master-key-file (docs/operations/identity.md)")]
                : [Finding.Skipped("there is no store yet")];
        }

        try
        {
            if (MasterKey.From(MasterKeySource.Text(configured, own)) is null)
            {
                return [Finding.Problem($"the key in {file ?? configured!.Label} is shorter than {MasterKey.MinLength} characters", "use the key that the store was written with; a new one can be made with: openssl rand -hex 32")];
            }
        }
        catch (StartupException e)
        {
            return [Finding.Problem(e.Message, "run this command as the server's user, who has to be able to read it")];
        }

        // The group of a secret that systemd or Kubernetes mounts is that of the server.
        UnixFileMode mode = file is null ? 0 : File.GetUnixFileMode(file);
        return (mode & ForOthers) != 0 || (file == own && (mode & ForGroup) != 0)
            ? [Finding.Problem($"{file} can be read by other users of this machine, and with it all secrets of a copy of the store", $"chmod 600 {file}; if others had access, replace the access keys")]
            : [Finding.Ok($"{file ?? configured!.Label}; keep a copy of it elsewhere")];
    }
}
