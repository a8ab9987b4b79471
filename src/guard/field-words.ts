/**
 * Names of fields in the languages that engineers log in, in snake case, by what they say of their value: Spanish, Portuguese, French, German,
 * Italian, Polish, Swedish, Turkish, Russian, Ukrainian, Japanese, Chinese, Korean. Accents need not be there (`foldedName`).
 */
export const fieldWords: Readonly<Record<FieldWordKind, string>> = {
  password: `
    contraseña contrasenia clave_de_acceso clave_acceso clave_secreta_de_usuario palabra_clave clave_usuario clave_de_usuario
    senha palavra_passe palavrapasse
    mot_de_passe motdepasse mdp mot_passe code_secret
    passwort kennwort losungswort zugangspasswort
    parola_d_ordine parola_ordine
    hasło hasła hasłem
    lösenord lösen
    şifre şifresi sifre parola parolası
    пароль пароля паролем пароли
    パスワード パスフレーズ 暗証番号
    密码 密碼 口令 登录密码 通行码
    비밀번호 암호 패스워드 비번`,
  maybePassword: "clave palavra_chave parola_chiave chiave_di_accesso",
  code: `
    código_de_verificación código_verificación código_de_seguridad código_de_acceso código_de_confirmación
    código_de_verificação código_verificação código_de_segurança código_de_confirmação
    code_de_vérification code_vérification code_de_confirmation code_de_sécurité code_à_usage_unique
    bestätigungscode verifizierungscode einmalcode einmalpasswort sicherheitscode
    codice_di_verifica codice_verifica codice_di_conferma codice_di_sicurezza codice_otp
    kod_weryfikacyjny kod_potwierdzający kod_jednorazowy kod_autoryzacyjny
    verifieringskod engångskod säkerhetskod engångslösenord
    doğrulama_kodu onay_kodu güvenlik_kodu tek_kullanımlık_şifre tek_kullanımlık_kod
    код_подтверждения код_проверки проверочный_код одноразовый_код одноразовый_пароль код_из_смс
    код_підтвердження код_перевірки одноразовий_код одноразовий_пароль
    認証コード 確認コード 検証コード ワンタイムパスワード
    验证码 驗證碼 校验码 动态码 动态密码 动态口令
    인증번호 인증코드 인증_번호 인증_코드 확인코드 일회용_비밀번호
    pin pin_number one_time_password one_time_code security_code verification_code auth_code two_factor_code login_code otp_code sms_code`,
  secret: `
    secreto secreto_cliente secreto_de_cliente clave_secreta clave_privada clave_api clave_de_api llave_secreta llave_privada llave_api clave_de_cifrado
    segredo segredo_cliente chave_secreta chave_privada chave_api chave_de_api chave_de_acesso
    clé_secrète clé_privée clé_api clé_d_api clé_d_accès clé_de_chiffrement secret_client
    geheimnis api_schlüssel apischlüssel zugangsschlüssel zugriffsschlüssel geheimer_schlüssel privater_schlüssel
    segreto chiave_segreta chiave_privata chiave_api
    sekret klucz_api klucz_tajny klucz_prywatny klucz_dostępu tajny_klucz
    hemlighet api_nyckel apinyckel hemlig_nyckel privat_nyckel åtkomstnyckel
    gizli_anahtar gizli_anahtarı özel_anahtar api_anahtarı api_anahtar erişim_anahtarı
    секрет секретный_ключ приватный_ключ закрытый_ключ ключ_api api_ключ ключ_апи ключ_доступа
    секретний_ключ приватний_ключ ключ_апі api_ключ_доступу
    apiキー api_キー 秘密鍵 シークレット シークレットキー アクセスキー
    密钥 密鑰 私钥 私鑰 api密钥 访问密钥 秘钥
    api_키 api키 비밀_키 비밀키 시크릿 액세스_키 개인키`,
  maybeSecret: `
    ficha ficha_api ficha_de_acceso token_de_acceso token_acceso credenciales
    token_de_acesso token_acesso credenciais
    jeton jeton_d_accès jeton_accès identifiants
    zugriffstoken zugangstoken zugangsdaten anmeldedaten
    gettone gettone_di_accesso token_di_accesso credenziali
    token_dostępu żeton poświadczenia
    åtkomsttoken inloggningsuppgifter
    erişim_belirteci belirteç jeton erişim_jetonu
    токен токен_доступа учётные_данные
    токен_доступу облікові_дані
    トークン アクセストークン 認証情報
    令牌 访问令牌 存取權杖 凭证 憑證
    토큰 액세스_토큰 자격_증명`,
  session: `
    session session_id sessionid session_key sid sess sitzungs_id sitzung sitzungskennung id_de_sesión sesión id_sesión sessão id_de_sessão
    id_de_session identifiant_de_session id_sessione sessione sesja id_sesji sessions_id oturum oturum_id сессия id_сессии сесія
    セッションid セッション 会话id 會話id 会话 세션_id 세션id 세션`,
  name: `
    apellido apellidos nombre_completo primer_apellido segundo_apellido nombre_de_pila nombre_del_cliente nombre_cliente nombres_y_apellidos
    sobrenome apelido nome_completo nome_do_cliente nome_cliente primeiro_nome
    prénom prénoms nom_de_famille nom_complet nom_du_client nom_client nom_et_prénom
    vorname nachname familienname vollständiger_name kundenname
    cognome nome_e_cognome nome_del_cliente
    imię nazwisko imię_i_nazwisko
    förnamn efternamn fullständigt_namn kundnamn
    soyad soyadı soyisim ad_soyad adı_soyadı müşteri_adı
    фамилия отчество фио имя_клиента ф_и_о
    прізвище піб по_батькові ім_я_клієнта
    氏名 お名前 名字 お客様名 顧客名
    姓名 客户姓名 真实姓名
    성명 고객명 고객_이름 mother_maiden_name mothers_maiden_name customer_name client_name`,
  maybeName: "nombre nome adı имя ім_я імя 이름",
  birthDate: `
    fecha_nacimiento fecha_de_nacimiento nacimiento f_nacimiento
    data_nascimento data_de_nascimento nascimento
    date_de_naissance date_naissance né_le née_le
    geburtsdatum geburtstag geb_datum
    data_di_nascita data_nascita
    data_urodzenia
    födelsedatum födelsedag
    doğum_tarihi
    дата_рождения
    дата_народження
    生年月日 誕生日
    出生日期 生日 出生年月
    생년월일`,
  nationalId: `
    dni nie nif curp rfc cédula número_de_cédula cédula_de_identidad documento_de_identidad número_de_documento pasaporte número_de_pasaporte nuss
    cpf cnh cnpj número_do_passaporte passaporte documento_de_identidade
    passeport numéro_de_passeport numéro_passeport numéro_de_sécurité_sociale numéro_sécu nir carte_d_identité numéro_de_carte_d_identité
    reisepass reisepassnummer passnummer personalausweis personalausweisnummer ausweisnummer ausweis steuernummer steueridentifikationsnummer
    sozialversicherungsnummer versichertennummer führerscheinnummer
    codice_fiscale numero_passaporte passaporto numero_di_passaporto carta_d_identità numero_carta_identità
    pesel paszport numer_paszportu nr_paszportu dowód numer_dowodu nr_dowodu dowód_osobisty
    personnummer samordningsnummer
    tc_kimlik tc_kimlik_no tckn kimlik_no kimlik_numarası pasaport pasaport_no pasaport_numarası
    паспорт номер_паспорта серия_и_номер_паспорта снилс инн
    рнокпп іпн ідентифікаційний_код
    旅券番号 パスポート番号 マイナンバー 個人番号 運転免許証番号 免許証番号
    身份证 身份证号 身份证号码 身份證字號 护照 护照号 护照号码 護照號碼 社保号 证件号码 证件号
    주민등록번호 주민번호 여권번호 여권_번호 외국인등록번호 운전면허번호 driver_licence driver_licence_number license_number licence_number`,
  phone: `
    teléfono número_de_teléfono móvil celular telefone número_de_telefone telemóvel téléphone numéro_de_téléphone telefonnummer handynummer telefono
    numero_di_telefono cellulare telefon numer_telefonu mobilnummer telefon_numarası cep_telefonu телефон номер_телефона номер_телефону
    電話番号 携帯電話 携帯番号 手机号 手机号码 电话 电话号码 手機號碼 전화번호 휴대폰 휴대폰_번호 휴대전화`,
};

export type FieldWordKind =
  | "password"
  | "maybePassword"
  | "code"
  | "secret"
  | "maybeSecret"
  | "session"
  | "name"
  | "maybeName"
  | "birthDate"
  | "nationalId"
  | "phone";

/** One by one. */
export const wordsOf = (kind: FieldWordKind): readonly string[] => fieldWords[kind].split(/\s+/).filter((word) => word !== "");

const BEYOND_ASCII = /[^\0-\x7f]/;
const joinedLetters: Readonly<Record<string, string>> = { ł: "l", ß: "ss", ı: "i", ø: "o", æ: "ae", œ: "oe", đ: "d" };

/** A name without accents, in lower case and in letters of usual width: "Contraseña" and "contrasena" are one. */
export function foldedName(name: string): string {
  if (!BEYOND_ASCII.test(name)) return name.toLowerCase();
  return name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[łßıøæœđ]/g, (letter) => joinedLetters[letter] ?? letter);
}
