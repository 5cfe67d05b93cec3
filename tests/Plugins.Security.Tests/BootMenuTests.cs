using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;

namespace Hospes.Security.Tests;

/// <summary>A policy gets into the entry of Xen in GRUB's menu, of either generation, and out again.</summary>
public sealed class BootMenuTests : IDisposable
{
    private const string Grub2 = """
        set default="0"
        menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'simple' {
        	insmod ext2
        	linux /vmlinuz root=/dev/sda1 ro
        	initrd /initrd.img
        }
        menuentry "Debian GNU/Linux, with Xen hypervisor" --class xen {
        	if [ x$grub_platform = xxen ]; then insmod xzio; fi
        	multiboot2	/boot/xen-4.17-amd64.gz placeholder
        	module2	/boot/vmlinuz-6.1.0 placeholder root=/dev/sda1 ro
        	module2	--nounzip /boot/initrd.img-6.1.0
        }
        submenu 'Advanced options' {
        	menuentry 'Debian GNU/Linux, with Linux 6.1.0' {
        		linux /vmlinuz
        	}
        }
        """;

    private readonly Place _place = new Place().WithExample();

    public BootMenuTests() => Directory.CreateDirectory(_place.PathOf("boot/grub"));

    private string Menu => _place.PathOf("boot/grub/grub.cfg");

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Grub_2s_entry_of_xen_gets_a_module()
    {
        File.WriteAllText(Menu, Grub2);
        _place.Policies.ConfigureBoot("example.test", null).Should().Be("Debian GNU/Linux, with Xen hypervisor");
        string changed = File.ReadAllText(Menu);
        changed.Should().Contain("\tmodule2\t--nounzip /boot/initrd.img-6.1.0\n\tmodule2 /boot/example.test.bin\n}\nsubmenu");
        changed.Replace("\tmodule2 /boot/example.test.bin\n", "", StringComparison.Ordinal).Should().Be(Grub2, "nothing else is touched");
        _place.Policies.ConfigureBoot("example.test", "with Xen").Should().Be("Debian GNU/Linux, with Xen hypervisor");
        File.ReadAllText(Menu).Should().Be(changed, "the earlier line is replaced");
        File.ReadAllText($"{Menu}_save").Should().Be(changed);
        _place.Restart("next run").Status.Should().BeEquivalentTo(new { Policy = "example.test", IsBootPolicy = true });
        _place.Policies.ConfigureBoot(null, null).Should().Be("Debian GNU/Linux, with Xen hypervisor");
        File.ReadAllText(Menu).Should().Be(Grub2);
    }

    [Fact]
    public void A_grub_2_without_xen_is_left_alone()
    {
        string linux = Grub2[..Grub2.IndexOf("menuentry \"", StringComparison.Ordinal)];
        File.WriteAllText(Menu, linux);
        _place.Policies.ConfigureBoot("example.test", null).Should().Be("Xen (Hospes)");
        File.ReadAllText(Menu).Should().Be(linux);
        ((Action)(() => _place.Policies.ConfigureBoot("example.test", "GNU/Linux"))).Should().Throw<SecurityPolicyException>().WithMessage("Boot entry not found.*", "there is no hypervisor in it");
    }

    [Fact]
    public void A_title_that_means_several_is_asked_for_again()
    {
        File.WriteAllText(Menu, Grub2 + "\nmenuentry 'Xen 4.16' {\n\tmultiboot /boot/xen.gz\n\tmodule /boot/vmlinuz\n}\n");
        ((Action)(() => _place.Policies.ConfigureBoot("example.test", null))).Should().Throw<SecurityPolicyException>()
            .WithMessage("Following boot entries matched: ['Debian GNU/Linux, with Xen hypervisor', 'Xen 4.16']. \nPlease specify unique part of the boot title.");
        File.Exists(_place.PathOf("boot/example.test.bin")).Should().BeFalse("what was refused has changed nothing");
        _place.Policies.ConfigureBoot("example.test", "4.16").Should().Be("Xen 4.16");
        File.ReadAllText(Menu).Should().Contain("\tmodule /boot/vmlinuz\n\tmodule /boot/example.test.bin\n}\n", "multiboot goes with module, multiboot2 with module2");
    }

    [Fact]
    public void A_menu_that_is_a_link_is_changed_where_it_is()
    {
        Directory.CreateDirectory(_place.PathOf("elsewhere"));
        File.WriteAllText(_place.PathOf("elsewhere/menu"), "title XEN\n\tkernel --no-mem-option /xen.gz\n\tmodule /vmlinuz\n");
        File.CreateSymbolicLink(_place.PathOf("boot/grub/menu.lst"), _place.PathOf("elsewhere/menu"));
        _place.Policies.ConfigureBoot("example.test", null).Should().Be("XEN");
        File.ReadAllText(_place.PathOf("elsewhere/menu")).Should().EndWith("\tmodule /vmlinuz\n\tmodule /example.test.bin\n");
        File.ResolveLinkTarget(_place.PathOf("boot/grub/menu.lst"), false).Should().NotBeNull("it is a link still");
        _place.Policies.ConfigureBoot(null, null).Should().Be("XEN");
        File.ReadAllText(_place.PathOf("elsewhere/menu")).Should().NotContain("example.test");
    }
}
