using System.Buffers.Binary;
using System.Text;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Binary;

/// <summary>Reads from a binary policy that somebody else has made: every offset and count is checked before it is used.</summary>
internal readonly ref struct TableReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>A refusal.</summary>
    public static SecurityPolicyException Invalid(string why) => new($"Invalid policy: {why}.");

    /// <summary>The word at a place.</summary>
    public uint Word(long at) => at >= 0 && at + 4 <= _bytes.Length
        ? BinaryPrimitives.ReadUInt32BigEndian(_bytes[(int)at..])
        : throw Invalid($"it ends before byte {at + 4}");

    /// <summary>The name at a place.</summary>
    public string Name(uint at)
    {
        uint length = Word(at);
        if (length is < 2 or > PolicyLimits.NameLength + 1 || (long)at + 4 + length > _bytes.Length)
            throw Invalid($"its name would have {length} bytes");
        ReadOnlySpan<byte> letters = _bytes.Slice((int)at + 4, (int)length);
        string name = Encoding.ASCII.GetString(letters[..^1]);
        return letters[^1] == 0 && PolicyName.IsPolicy(name) ? name : throw Invalid("its name is none");
    }

    /// <summary>Reads a component's block.</summary>
    public void Block(PolicyTables into, PolicyComponent component, uint at)
    {
        if (component == PolicyComponent.Null)
            return;
        if (Word(at) != 1 || Word((long)at + 4) != (uint)component)
            throw Invalid($"its {component} block is of version {Word(at)} and kind {Word((long)at + 4)}");
        uint types = Word((long)at + 8);
        uint rows = Word((long)at + 12);
        if (types is 0 or > PolicyLimits.Types || rows is < 2 or > PolicyLimits.Labels + 1)
            throw Invalid($"its {component} block has {types} types and {rows} labels");
        if (component == PolicyComponent.ChineseWall)
        {
            uint sets = Word((long)at + 16);
            if (sets > PolicyLimits.ConflictSets)
                throw Invalid($"it has {sets} conflict sets");
            into.WallTypes = (int)types;
            into.WallRows = Table((long)at + Word((long)at + 20), rows, types);
            into.Conflicts = Table((long)at + Word((long)at + 24), sets, types);
            return;
        }

        into.Types = (int)types;
        into.Rows = Table((long)at + Word((long)at + 16), rows, types);
    }

    private TypeSet[] Table(long at, uint rows, uint types)
    {
        if (at + (long)rows * types * 2 > _bytes.Length)
            throw Invalid($"a table of {rows} rows and {types} columns at byte {at} does not fit into it");
        TypeSet[] table = new TypeSet[rows];
        List<int> members = [];
        for (int row = 0; row < rows; row++)
        {
            members.Clear();
            ReadOnlySpan<byte> line = _bytes.Slice((int)(at + (long)row * types * 2), (int)types * 2);
            for (int type = 0; type < types; type++)
            {
                int entry = line[type * 2] << 8 | line[type * 2 + 1];
                if (entry > 1)
                    throw Invalid($"a table has the entry {entry} in row {row}, column {type}");
                if (entry == 1)
                    members.Add(type);
            }

            table[row] = TypeSet.Of(members);
        }

        return table;
    }
}
