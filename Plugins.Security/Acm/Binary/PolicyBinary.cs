using System.Buffers.Binary;
using System.Text;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Binary;

/// <summary>
/// The binary representation of policies, big-endian (fact sheet "ACM", section 4), version 3 and, read only, version 2.
/// </summary>
/// <example><code>
/// 00 magic 0001debc   04 version 3       08 length           0c name at 28
/// 10 primary 1        14 its block       18 secondary 2      1c its block
/// 20 major 1          24 minor 0         28 name: length with NUL, letters, NUL, padding to 8
/// wall block:    version 1, code 1, types, ssids, sets, ssid table at 24, set table, 0, 0; u16 [ssid][type]; u16 [set][type]; padding
/// sharing block: version 1, code 2, types, ssids, ssid table at 14; u16 [ssid][type]; padding
/// </code></example>
internal static class PolicyBinary
{
    /// <summary>What a policy begins with.</summary>
    public const uint Magic = 0x0001debc;

    /// <summary>The version that is written.</summary>
    public const uint Version = 3;

    private const uint OldVersion = 2;
    private const int HeaderBytes = 40;
    private const int OldHeaderBytes = 32;

    /// <summary>Words before the tables of a Chinese Wall block.</summary>
    public const int WallWords = 9;

    /// <summary>Words before the table of a Simple Type Enforcement block.</summary>
    public const int SharingWords = 5;

    /// <summary>Writes a policy.</summary>
    /// <exception cref="SecurityPolicyException">Its tables would be too large.</exception>
    public static byte[] Write(AcmPolicy policy)
    {
        byte[] name = NameBlock(policy.Name);
        byte[] primary = Block(policy, policy.Primary);
        byte[] secondary = Block(policy, policy.Secondary);
        int primaryAt = HeaderBytes + name.Length;
        int secondaryAt = primaryAt + primary.Length;
        byte[] whole = new byte[secondaryAt + secondary.Length];
        uint[] header =
        [
            Magic, Version, (uint)whole.Length, HeaderBytes, (uint)policy.Primary, (uint)primaryAt, (uint)policy.Secondary, (uint)secondaryAt,
            policy.Header.Version.Major, policy.Header.Version.Minor,
        ];
        for (int word = 0; word < header.Length; word++)
            BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(word * 4), header[word]);
        name.CopyTo(whole, HeaderBytes);
        primary.CopyTo(whole, primaryAt);
        secondary.CopyTo(whole, secondaryAt);
        return whole;
    }

    /// <summary>Whether a file can be a policy, by how it begins; either version.</summary>
    public static bool IsPolicy(ReadOnlySpan<byte> start) => start.Length >= 8
        && (BinaryPrimitives.ReadUInt32BigEndian(start) == Magic || (BinaryPrimitives.ReadUInt32BigEndian(start) == OldVersion && BinaryPrimitives.ReadUInt32BigEndian(start[4..]) == Magic));

    /// <summary>Reads a policy's tables.</summary>
    /// <exception cref="SecurityPolicyException">It is none that can be believed; nothing of it has been used.</exception>
    public static PolicyTables Read(ReadOnlySpan<byte> bytes)
    {
        TableReader reader = new(bytes);
        bool isOld = bytes.Length >= 8 && reader.Word(0) == OldVersion;
        uint magic = reader.Word(isOld ? 4 : 0);
        uint version = reader.Word(isOld ? 0 : 4);
        if (magic != Magic)
            throw TableReader.Invalid($"it begins with {magic:x8}, not with {Magic:x8}");
        if (version is not (Version or OldVersion) || (version == OldVersion && !isOld))
            throw TableReader.Invalid($"its version is {version}; {OldVersion} and {Version} can be read");
        if (reader.Word(8) != bytes.Length)
            throw TableReader.Invalid($"it says that it has {reader.Word(8)} bytes and has {bytes.Length}");
        if (bytes.Length < (isOld ? OldHeaderBytes : HeaderBytes))
            throw TableReader.Invalid("it ends within its header");
        PolicyTables tables = new()
        {
            Name = reader.Name(reader.Word(12)),
            Version = isOld ? default : new PolicyVersion(reader.Word(32), reader.Word(36)),
            Primary = Component(reader.Word(16)),
            Secondary = Component(reader.Word(24)),
        };
        if (tables.Primary == tables.Secondary || tables.Primary == PolicyComponent.Null)
            throw TableReader.Invalid($"components {tables.Primary} and {tables.Secondary} do not go together");
        reader.Block(tables, tables.Primary, reader.Word(20));
        reader.Block(tables, tables.Secondary, reader.Word(28));
        return tables;
    }

    private static PolicyComponent Component(uint code) => code <= (uint)PolicyComponent.SimpleTypeEnforcement
        ? (PolicyComponent)code
        : throw TableReader.Invalid($"it has a component of the unknown kind {code}");

    private static byte[] NameBlock(string name)
    {
        byte[] block = new byte[Padded(4 + name.Length + 1)];
        BinaryPrimitives.WriteUInt32BigEndian(block, (uint)name.Length + 1);
        Encoding.ASCII.GetBytes(name, block.AsSpan(4));
        return block;
    }

    private static byte[] Block(AcmPolicy policy, PolicyComponent component)
    {
        switch (component)
        {
            case PolicyComponent.ChineseWall:
            {
                int types = policy.WallTypes!.Count;
                TypeSet[] rows = [TypeSet.Empty, .. policy.Subjects.Select(static label => label.WallTypes)];
                TypeSet[] sets = [.. policy.Conflicts.Select(static set => set.Types)];
                int setsAt = WallWords * 4 + rows.Length * types * 2;
                uint[] words = [1, (uint)component, (uint)types, (uint)rows.Length, (uint)sets.Length, WallWords * 4, (uint)setsAt, 0, 0];
                return Block(words, types, rows, sets);
            }

            case PolicyComponent.SimpleTypeEnforcement:
            {
                int types = policy.Types!.Count;
                TypeSet[] rows = [TypeSet.Empty, .. policy.Subjects.Concat(policy.Resources).Select(static label => label.Types)];
                uint[] words = [1, (uint)component, (uint)types, (uint)rows.Length, SharingWords * 4];
                return Block(words, types, rows, []);
            }

            default:
                return [];
        }
    }

    private static byte[] Block(uint[] words, int types, TypeSet[] rows, TypeSet[] sets)
    {
        long entries = (long)types * (rows.Length + sets.Length);
        if (entries > PolicyLimits.TableEntries)
            throw new SecurityPolicyException($"The policy's table would have {entries} entries ({types} types, {rows.Length} labels); {PolicyLimits.TableEntries} can be.");
        byte[] block = new byte[Padded(words.Length * 4 + checked((int)entries * 2))];
        for (int word = 0; word < words.Length; word++)
            BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(word * 4), words[word]);
        int at = words.Length * 4;
        foreach (TypeSet row in rows.Concat(sets))
        {
            foreach (int type in row.Members)
                block[at + type * 2 + 1] = 1;
            at += types * 2;
        }

        return block;
    }

    private static int Padded(int length) => (length + 7) & ~7;
}
