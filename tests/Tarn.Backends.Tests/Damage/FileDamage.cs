namespace Tarn.Backends.Tests.Damage;

/// <summary>What can happen to a file on a device.</summary>
public enum FileDamage
{
    /// <summary>One bit of it is flipped.</summary>
    Bit,

    /// <summary>A sector of it is zeroed.</summary>
    Zeroed,

    /// <summary>Its second half is missing.</summary>
    Cut,

    /// <summary>Bytes follow its end.</summary>
    Appended,

    /// <summary>It is missing.</summary>
    Deleted,

    /// <summary>It has the content of another file of its kind.</summary>
    Swapped,
}

internal static class FileDamageExtensions
{
    private const int SectorBytes = 512;

    /// <summary>Damages a file in place, as a device does: who has it open sees the damage.</summary>
    /// <param name="damage">The damage.</param>
    /// <param name="path">The file.</param>
    /// <param name="other">Another file of its kind.</param>
    /// <param name="at">Where, as a fraction of its length; what is not in one place ignores it.</param>
    public static void Apply(this FileDamage damage, string path, string other, double at = 0.5)
    {
        if (damage == FileDamage.Deleted)
        {
            File.Delete(path);
            return;
        }

        byte[] whole = File.ReadAllBytes(path);
        int place = (int)(at * (whole.Length - 1));
        byte[] damaged = damage switch
        {
            FileDamage.Bit => [.. whole[..place], (byte)(whole[place] ^ 0x10), .. whole[(place + 1)..]],
            FileDamage.Zeroed when whole.Length > SectorBytes && place / SectorBytes * SectorBytes is var start =>
                [.. whole[..start], .. new byte[Math.Min(SectorBytes, whole.Length - start)], .. whole[Math.Min(start + SectorBytes, whole.Length)..]],
            FileDamage.Zeroed => new byte[whole.Length],
            FileDamage.Cut => whole[..(whole.Length / 2)],
            FileDamage.Appended => [.. whole, .. "what was never written here"u8],
            _ => File.ReadAllBytes(other),
        };
        using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(damaged);
        file.SetLength(damaged.Length);
    }
}
