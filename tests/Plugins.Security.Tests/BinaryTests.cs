using FsCheck;
using FsCheck.Fluent;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Binary;
using Hospes.Security.Acm.Enforcement;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Xml;
using Hospes.Security.Tests.Support;
using Hospes.TestKit.Security;

namespace Hospes.Security.Tests;

/// <summary>The binary representation and its map: the documented layout, the same decisions after a round trip, and nothing believed that is broken.</summary>
public sealed class BinaryTests
{
    private static readonly Arbitrary<int> Seeds = Arb.From(Gen.Choose(1, int.MaxValue - 1));

    [Fact]
    public void A_policy_read_back_from_its_binary_decides_the_same() => Prop.ForAll(Seeds, seed =>
    {
        AcmPolicy policy = Policy(seed);
        AcmPolicy back = PolicyMap.Read(PolicyBinary.Read(PolicyBinary.Write(policy)), PolicyMap.Write(policy, "a", "b"));
        back.Fingerprint.Should().Be(policy.Fingerprint);
        SameDecisions(policy, back, new Random(seed));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void A_policy_read_back_from_xml_is_the_same() => Prop.ForAll(Seeds, seed =>
    {
        AcmPolicy policy = Policy(seed);
        PolicyReader.Read(PolicyWriter.Write(policy)).Fingerprint.Should().Be(policy.Fingerprint);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void Bytes_are_where_the_documentation_has_them()
    {
        byte[] bytes = PolicyBinary.Write(PolicyReader.Read(Drafts.Example()));
        Convert.ToHexStringLower(bytes[..40]).Should().Be(
            "0001debc" + "00000003" + $"{bytes.Length:x8}" + "00000028" + "00000001" + "00000040" + "00000002" + "00000098" + "00000001" + "00000000");
        System.Text.Encoding.ASCII.GetString(bytes, 44, 13).Should().Be("example.test\0");
        Convert.ToHexStringLower(bytes.AsSpan(0x40, 36)).Should().Be("00000001" + "00000001" + "00000004" + "00000005" + "00000001" + "00000024" + "0000004c" + "00000000" + "00000000");
        Convert.ToHexStringLower(bytes.AsSpan(0x40 + 0x4c, 8)).Should().Be("0000000100010000", "the conflict set is PepsiCo and CocaCola");
        Convert.ToHexStringLower(bytes.AsSpan(0x98, 20)).Should().Be("00000001" + "00000002" + "00000004" + "00000007" + "00000014");
        (bytes.Length % 8).Should().Be(0);
    }

    [Fact]
    public void Broken_bytes_are_refused_or_are_another_policy_but_never_more()
    {
        byte[] good = PolicyBinary.Write(PolicyReader.Read(Drafts.Example()));
        Random chance = new(20);
        for (int round = 0; round < 5000; round++)
        {
            byte[] bad = good[..(chance.Next(4) == 0 ? chance.Next(good.Length) : good.Length)];
            for (int changes = chance.Next(1, 4); changes > 0 && bad.Length > 0; changes--)
                bad[chance.Next(bad.Length)] = (byte)chance.Next(256);
            Action read = () => PolicyBinary.Read(bad);
            read.Should().NotThrow<IndexOutOfRangeException>();
            try
            {
                PolicyBinary.Read(bad).Name.Should().NotBeEmpty();
            }
            catch (SecurityPolicyException refused)
            {
                refused.Message.Should().StartWith("Invalid policy: ");
            }
        }
    }

    [Fact]
    public void Version_2_has_its_version_before_the_magic_and_no_xml_version()
    {
        byte[] good = PolicyBinary.Write(PolicyReader.Read(Drafts.Example()));
        byte[] old = [.. good[..32], .. good[40..]];
        uint[] header = [2, 0x0001debc, (uint)old.Length, 32, 1, 0x38, 2, 0x90];
        for (int word = 0; word < header.Length; word++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(old.AsSpan(word * 4), header[word]);
        PolicyTables tables = PolicyBinary.Read(old);
        tables.Name.Should().Be("example.test");
        tables.Rows.Should().HaveCount(7);
        PolicyBinary.IsPolicy(old).Should().BeTrue();
    }

    [Fact]
    public void A_map_of_another_policy_is_refused()
    {
        AcmPolicy one = PolicyReader.Read(Drafts.Example());
        AcmPolicy two = PolicyReader.Read(Drafts.Example().Replace("<Type>CocaCola</Type><Type>PepsiCo</Type>", "<Type>CocaCola</Type><Type>Avis</Type>", StringComparison.Ordinal));
        PolicyTables tables = PolicyBinary.Read(PolicyBinary.Write(one));
        ((Action)(() => PolicyMap.Read(tables, PolicyMap.Write(two, "a", "b")))).Should().Throw<SecurityPolicyException>().WithMessage("*fingerprint*");
        PolicyMap.Write(one, "a", "b").Should().Contain("LABEL->SSID VM  CHWALL SystemManagement 1\n").And.Contain("LABEL->SSID RES STE PepsiCo 5\n").And.Contain("SSID->TYPE STE 00000003 CocaCola\n");
    }

    private static AcmPolicy Policy(int seed) => PolicyBuilder.Build(Drafts.Of(ReferencePolicy.Random(new Random(seed), "round.trip")));

    private static void SameDecisions(AcmPolicy one, AcmPolicy two, Random chance)
    {
        SharingRules first = new(one);
        SharingRules second = new(two);
        int labels = one.Subjects.Count + one.Resources.Count + 1;
        for (int left = 0; left < labels; left++)
        {
            for (int right = 0; right < labels; right++)
                second.MayShare(left, right).Should().Be(first.MayShare(left, right));
        }

        ChineseWall wall = new(one);
        ChineseWall other = new(two);
        for (int step = 0; step < 50; step++)
        {
            int label = chance.Next(one.Subjects.Count);
            int? conflict = wall.Conflict(one.Subjects[label]);
            other.Conflict(two.Subjects[label]).Should().Be(conflict);
            if (conflict is not null)
                continue;
            wall.Enter(one.Subjects[label]);
            other.Enter(two.Subjects[label]);
        }
    }
}
