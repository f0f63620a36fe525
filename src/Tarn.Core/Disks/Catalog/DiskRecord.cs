using Tarn.Core.Disks.Mounts;
using Tarn.Core.Records;

namespace Tarn.Core.Disks.Catalog;

/// <summary>The persisted form of a disk.</summary>
internal sealed record DiskRecord
{
    private const byte Marker = 1;

    public required string Name { get; init; }

    public required string Organization { get; init; }

    /// <summary>Absolute.</summary>
    public required string RootPath { get; init; }

    /// <summary>Whether the tree existed before the disk; one that did not is removed with the disk.</summary>
    public bool IsAttached { get; init; }

    /// <summary>Unix milliseconds, whole seconds.</summary>
    public required long Created { get; init; }

    /// <summary>Networks in CIDR notation; empty: every address.</summary>
    public IReadOnlyList<string> AllowedAddresses { get; init; } = [];

    /// <summary>The file systems that the tree consists of; empty: not seen yet.</summary>
    public IReadOnlyList<MountMark> Mounts { get; init; } = [];

    /// <summary>Whether a file that grows while it is read counts as appended to.</summary>
    public bool GrowingFiles { get; init; }

    /// <summary>Whether the control API may write to the tree; null: not set, which depends on whether the tree was made for the disk.</summary>
    public bool? Writing { get; init; }

    public byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Text(1, Name)
            .Text(2, Organization)
            .Text(3, RootPath)
            .Number(4, IsAttached ? 1UL : 0UL)
            .Number(5, Created);
        foreach (string network in AllowedAddresses)
        {
            writer.Text(6, network);
        }

        foreach (MountMark mount in Mounts)
        {
            writer.Nested(7, mount.Write);
        }

        return writer.Number(8, GrowingFiles ? 1UL : 0UL).Number(9, Writing switch { null => 0UL, true => 1UL, false => 2UL }).ToArray();
    }

    public static DiskRecord Decode(ReadOnlySpan<byte> bytes)
    {
        string name = "", organization = "", root = "";
        bool attached = false;
        long created = 0;
        bool growing = false;
        bool? writing = null;
        List<string>? allowed = null;
        List<MountMark>? mounts = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text; break;
                case 2: organization = reader.Text; break;
                case 3: root = reader.Text; break;
                case 4: attached = reader.Number != 0; break;
                case 5: created = reader.Signed; break;
                case 6: (allowed ??= []).Add(reader.Text); break;
                case 7: (mounts ??= []).Add(MountMark.Read(reader.Nested())); break;
                case 8: growing = reader.Number != 0; break;
                case 9: writing = reader.Number == 1; break;
            }
        }

        return new DiskRecord
        {
            Name = name,
            Organization = organization,
            RootPath = root,
            IsAttached = attached,
            Created = created,
            AllowedAddresses = allowed ?? [],
            Mounts = mounts ?? [],
            GrowingFiles = growing,
            Writing = writing,
        };
    }
}
